"""What scripts/run does after the set-up: migrate, seed the demo once, say what runs where, serve."""

from __future__ import annotations

import os
import signal
import socket
import sys

FIRST_PORT, TRIES = 8000, 50


def free_port(first: int = FIRST_PORT) -> int:
    """Return `first`, or the next port that nobody listens on.

    Raises: SystemExit when none of TRIES ports is free.
    """
    for port in range(first, first + TRIES):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"No free port from {first} to {first + TRIES - 1}. Stop something, or set PORT.")


def main() -> None:
    """Set the shop up and serve it on 127.0.0.1 until it is stopped."""
    port = int(os.environ.get("PORT") or free_port())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop_assistant.settings")
    os.environ["BOUND_TO_LOOPBACK"] = "1"
    os.environ.setdefault("PUBLIC_URL", f"http://127.0.0.1:{port}")

    import django  # after the environment it reads

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from shop_assistant import demo, parts, workers

    seeded = demo.seed(report=lambda line: print(line, file=sys.stderr))
    accounts = demo.staff_accounts()
    print(f"\nShop assistant\n\n{parts.table()}\n")
    print("\n".join(f"  {name:<22} {address}" for name, address in demo.addresses(f"http://127.0.0.1:{port}")))
    print(f"\n  sign in to the admin   {', '.join(accounts.names)}")
    print(f"  password               {accounts.password}   (made on first run; kept in {accounts.kept_in})")
    print(f"\n  {'Demo shops made.' if seeded else 'Demo shops were there.'} Ctrl-C stops the server.\n", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn hands it on when it has stopped: workers end too
    with workers.beside_the_server():
        _serve(port)


def _serve(port: int) -> None:
    import uvicorn  # after Django is set up

    uvicorn.run(
        "shop_assistant.asgi:application",
        host="127.0.0.1",
        port=port,
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # costs 2.2 times the CPU a viewer and saves little on short frames
        lifespan="on",
        log_level="warning",
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
