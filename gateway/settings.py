"""The gateway's own settings, beside those of the chassis."""

from __future__ import annotations

from pathlib import Path

from chassis.settings import Setting

SETTINGS: tuple[Setting, ...] = (
    Setting("session_idle_minutes", int, 480, "a session ends when it was not renewed for so long"),
    Setting("session_days", int, 7, "a session ends after so many days whatever happens"),
    Setting("api_key_token_seconds", int, 300, "life of the access token that an API key is exchanged for"),
    Setting("password_min_length", int, 10, "shortest password that a person may choose"),
    Setting("password_parallel", int, 2, "passwords that one process checks at the same time"),
    Setting("password_memory_kib", int, 19_456,
            "memory of one check of a password (Argon2id, two passes); more is slower and safer, and holds for each "
            "user from the next sign-in"),
    Setting("lockout_after", int, 5, "failed sign-ins of one user before the first delay"),
    Setting("lockout_ip_after", int, 50, "failed sign-ins from one address before the first delay"),
    Setting("lockout_seconds", int, 30, "first delay; it doubles with each further failure"),
    Setting("lockout_max_seconds", int, 900, "longest delay"),
    Setting("lockout_forget_minutes", int, 60, "failed sign-ins are forgotten after so long without another"),
    Setting("sign_in_rate", str, "300/minute", "sign-ins and renewals of one address, per process; empty: unlimited"),
    Setting("link_rate", str, "3000/minute", "links and pictures of campaigns that are followed from one address, per "
            "process; empty: unlimited"),
    Setting("api_rate", str, "12000/minute", "API requests with one token, per process; empty: unlimited"),
    Setting("api_address_rate", str, "60000/minute", "API requests of one address, per process; empty: unlimited"),
    Setting("forwarded_hops", int, 0,
            "trusted proxies in front of the gateway, whose X-Forwarded-For and -Proto are believed"),
    Setting("cors_origins", str, "", "origins, divided by commas, whose pages may call the API; empty: none"),
    Setting("console_dir", Path, None, "folder of the built console; found by itself when empty"),
    Setting("upstream_pool", int, 32, "connections kept open to each service"),
    Setting("key_rotation_days", int, 90, "age at which the signing key is replaced; 0: never"),
)
