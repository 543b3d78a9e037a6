import sys

from service import logs

if __name__ == "__main__":
    logs.configure()

    from service.server import main  # not earlier, so that an import that fails is logged, too

    sys.exit(main())
