"""The application: your code starts here."""

from http import HTTPStatus

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse

from service import NAME, endpoints
from service.middleware import RequestMiddleware

BODY_LIMIT = 1024 * 1024


async def http_error(_request: Request, error: HTTPException) -> JSONResponse:
    detail = error.detail
    if detail == HTTPStatus(error.status_code).phrase:
        detail = detail.lower()
    return JSONResponse({"error": detail}, error.status_code, error.headers)


app = FastAPI(
    openapi_url=None,
    redirect_slashes=False,
    middleware=[
        Middleware(RequestMiddleware),  # stays the first: it logs what the others answer
        Middleware(RequestBodyLimitMiddleware, max_body_size=BODY_LIMIT),
    ],
    exception_handlers={HTTPException: http_error},
)
for path, endpoint in endpoints.ENDPOINTS.items():
    app.add_api_route(path, endpoint, methods=["GET", "HEAD"])


@app.api_route("/", methods=["GET", "HEAD"])
async def index() -> dict[str, str]:
    return {"service": NAME}
