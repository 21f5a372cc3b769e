"""What scripts/run does after the set-up: migrate, seed the demo once, say what runs where, serve."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

FIRST_PORT, TRIES = 8000, 50
PORT_FILE = "port"  # in the data folder, written when the server is about to answer


def listen(port: int | None = None) -> socket.socket:
    """Return a listening socket on 127.0.0.1: at `port` (0 = any), or at the first free one from FIRST_PORT.

    It listens from the start, so that nobody takes the port while the shop is being made; who connects early waits.
    Raises: SystemExit when there is none.
    """
    for candidate in range(FIRST_PORT, FIRST_PORT + TRIES) if port is None else (port,):
        taken = socket.socket()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", candidate))
            taken.listen(128)
        except OSError:
            taken.close()
            continue
        return taken
    where = f"from {FIRST_PORT} to {FIRST_PORT + TRIES - 1} is free" if port is None else f"{port} is not free"
    raise SystemExit(f"Port {where}. Stop what uses it, or set PORT.")


def main() -> None:
    """Set the shop up and serve it on 127.0.0.1 until it is stopped."""
    listening = listen(int(os.environ["PORT"]) if os.environ.get("PORT") else None)
    port = listening.getsockname()[1]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop_assistant.settings")
    os.environ["BOUND_TO_LOOPBACK"] = "1"
    os.environ.setdefault("PUBLIC_URL", f"http://127.0.0.1:{port}")

    import django  # after the environment it reads

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from shop_assistant import demo, parts, workers

    # Makes and fills an index that is missing, or that an update of this program emptied.
    call_command("verify_index", repair=True, verbosity=0)
    seeded = demo.seed(report=lambda line: print(line, file=sys.stderr))
    accounts = demo.staff_accounts()
    print(f"\nShop assistant\n\n{parts.table()}\n")
    print("\n".join(f"  {name:<22} {address}" for name, address in demo.addresses(f"http://127.0.0.1:{port}")))
    print(f"\n  sign in to the admin   {', '.join(accounts.names)}")
    print(f"  password               {accounts.password}   (made on first run; kept in {accounts.kept_in})")
    print(f"\n  {'Demo shops made.' if seeded else 'Demo shops were there.'} Ctrl-C stops the server.\n", flush=True)
    (Path(settings.DATA_DIR) / PORT_FILE).write_text(str(port))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn hands it on when it has stopped: workers end too
    with workers.beside_the_server():
        _serve(listening)


def _serve(listening: socket.socket) -> None:
    import uvicorn  # after Django is set up

    config = uvicorn.Config(
        "shop_assistant.asgi:application",
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # costs 2.2 times the CPU a viewer and saves little on short frames
        lifespan="on",
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
