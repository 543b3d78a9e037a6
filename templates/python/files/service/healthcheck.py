"""The HEALTHCHECK of the image, which has no curl."""

import os
import sys
from http.client import HTTPConnection

if __name__ == "__main__":
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=2)
    connection.request("GET", "/__lbheartbeat__")
    sys.exit(connection.getresponse().status != 200)
