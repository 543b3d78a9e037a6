"""uvicorn's HTTP protocol waits for a slow client for ever and takes a head of any size; this one does not."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_SECONDS = 30
HEAD_LIMIT = 64 * 1024
PART = HEAD_LIMIT // 4
HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: application/json\r\n"
    b"content-length: 34\r\n"
    b"connection: close\r\n"
    b"\r\n"
    b'{"error":"request head too large"}'
)


class BoundedProtocol(HttpToolsProtocol):
    """A request has REQUEST_SECONDS to arrive whole, and its head HEAD_LIMIT bytes."""

    deadline: asyncio.TimerHandle | None = None
    in_head = False
    head_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self.deadline = self.loop.call_later(REQUEST_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._clear_deadline()

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), PART):
            if not self.transport.is_closing():
                self._part_received(data[start : start + PART])

        answering = self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete
        if answering:
            self._clear_deadline()
        elif self.deadline is None:
            self.deadline = self.loop.call_later(REQUEST_SECONDS, self.transport.close)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.in_head = True
        self.head_size = 0

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.in_head = False

    def _part_received(self, part: bytes) -> None:
        super().data_received(part)
        if self.in_head:
            self.head_size += len(part)
            if self.head_size > HEAD_LIMIT:
                self.transport.write(HEAD_TOO_LARGE)
                self.transport.close()

    def _clear_deadline(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None
