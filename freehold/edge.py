"""`freehold edge`: the front door of an installation, made from the gateway's routing table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

SERVICES = ("gateway", "customer", "workflow", "notify", "report")


@click.group()
def edge() -> None:
    """Configuration of nginx in front of the services."""


@edge.command("nginx-config")
@click.option("--listen", default="0.0.0.0:443", show_default=True, help="Address and port of the front door.")
@click.option("--certificate", type=click.Path(path_type=Path), help="TLS certificate (PEM).")
@click.option("--certificate-key", type=click.Path(path_type=Path), help="Its private key (PEM).")
@click.option("--console-dir", type=click.Path(path_type=Path), help="The console's files, served from disk.")
@click.option("--state-dir", type=click.Path(path_type=Path), default=Path("/run/freehold-edge"), show_default=True,
              help="Where nginx keeps its pid and temporary files.")
@click.option("--redirect-listen", help="Address and port that answer plain HTTP with a redirect.")
@click.option("--trusted-proxy", "trusted_proxies", multiple=True, metavar="ADDRESS",
              help="A load balancer in front, whose X-Forwarded-For is believed; may be repeated.")
@click.option("--access-log", default="off", show_default=True, help="Where requests are logged, such as /dev/stdout.")
@click.option("--output", type=click.Path(path_type=Path), help="File to write instead of printing.")
def nginx_config(listen: str, output: Path | None, **options: Any) -> None:
    """Print nginx.conf for the addresses that the settings `<service>_url` name."""
    from chassis.settings import load_settings
    from gateway.edge.nginx import options_of, render
    from gateway.settings import SETTINGS

    settings = load_settings("gateway", SETTINGS)
    addresses = {name: [getattr(settings, f"{name}_url").partition("://")[2]] for name in SERVICES}
    text = render(addresses, options.pop("state_dir"), listen=listen, **options, **options_of(settings))
    if output is None:
        click.echo(text)
    else:
        output.write_text(text, encoding="utf-8")
