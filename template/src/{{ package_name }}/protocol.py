"""uvicorn's HTTP at the ends of a request, where something may be on its way or may never come.

What does not come, or does not end, closes its connection and keeps nobody else waiting. When the server
ends, a request that was sent to it is still answered.
"""

import asyncio
import logging

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from .app import App

# Seconds until a request's headers must be here, and after them its body; bytes of headers.
PATIENCE = 10
LARGEST_HEAD = 64 * 1024
# Seconds in which a connection without a request stays open when the server ends: one may be on its way.
GRACE = 1
LATE = b'{"error":"the body is not here after %d seconds: send it again"}' % PATIENCE
log = logging.getLogger(__name__)


class Protocol(HttpToolsProtocol):
    """One connection."""

    _head: int | None = None  # bytes of the headers that have begun to come
    _timer: asyncio.TimerHandle | None = None
    _ending = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection on which no request comes is closed."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """A request may come in pieces, but not for ever."""
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > LARGEST_HEAD:
                self.transport.close()
        if self._timer is None and (self._head is not None or self._body_is_due()):
            self._wait()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """From here on the application has it, or turns it away where too many wait for an answer."""
        self._head = None
        self._stay()
        app: App = self.config.loaded_app
        full = len(self.tasks) >= app.limits.queue and self.url != b"/ping"
        self.app = app.busy if full else app
        super().on_headers_complete()
        if self._ending:
            self.cycle.keep_alive = False  # and the answer says so

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        self._stay()
        super().on_message_complete()

    def shutdown(self) -> None:
        """The server ends: answer what is here or on its way, then close."""
        self._ending = True
        if self.cycle is None or self.cycle.response_complete:
            self._stay()
            self._timer = self.loop.call_later(GRACE, self.transport.close)
        else:
            self.cycle.keep_alive = False

    def _body_is_due(self) -> bool:
        return self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete

    def _wait(self) -> None:
        self._timer = self.loop.call_later(PATIENCE, self._give_up)

    def _stay(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        if self._head is None and self._body_is_due() and not self.cycle.response_started:
            log.warning("a body did not come in time")
            headers = b"content-type: application/json\r\nconnection: close\r\n"
            length = b"content-length: %d\r\n\r\n" % len(LATE)
            self.transport.write(STATUS_LINE[408] + headers + length + LATE)
        self.transport.close()  # which tells the application that its caller is gone
