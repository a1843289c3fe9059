"""What a server sends outward: a way out that ends at once, and a program on the server that notes who takes it.

Without any network a look-up fails before it is sent, so nobody would see that one was tried. Here the server has a
default route and a name server: a pair of interfaces whose other end answers nobody. Each packet on it is noted as
`udp 198.51.100.53:53 example.org` or `tcp 203.0.113.9:443`. It is a unit, so that it is there before all others.
"""

from __future__ import annotations

PROGRAM, NOTES = "/usr/local/sbin/outward", "/var/log/outward"
UNIT = f"""[Unit]
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=notify
ExecStart=/usr/bin/python3 {PROGRAM}

[Install]
WantedBy=sysinit.target
"""
SOURCE = f'''import os, socket, struct, subprocess

# Debian's installer names the host in its own file. sshd on a pipe calls its peer UNKNOWN, which libaudit looks up.
own = "127.0.1.1 crm UNKNOWN\\n"
if own not in open("/etc/hosts").read():
    open("/etc/hosts", "a").write(own)
try:
    with open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w") as file:
        file.write("0")
except OSError:
    pass  # an engine that allows no IPv6: then nothing can leave by it
for words in ("link add out0 type veth peer name out1", "link set out1 up", "link set out0 up",
              "addr replace 192.0.2.1/24 dev out0", "-6 addr replace 2001:db8::1/64 dev out0 nodad",
              "neigh replace 192.0.2.254 lladdr 02:00:00:00:00:fe dev out0 nud permanent",
              "neigh replace 2001:db8::fe lladdr 02:00:00:00:00:fe dev out0 nud permanent",
              "route replace default via 192.0.2.254 dev out0", "-6 route replace default via 2001:db8::fe dev out0"):
    subprocess.run(["ip", *words.split()], check=False)
with open("/etc/resolv.conf", "w") as file:  # a mounted file: it cannot be replaced
    file.write("nameserver 198.51.100.53\\noptions timeout:1 attempts:1\\n")
seen, out = set(), open("{NOTES}", "a", buffering=1)
tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
tap.bind(("out0", 3))
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
    ready.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])


def noted(packet):
    version = packet[0] >> 4
    if version == 4:
        head, kind, to = (packet[0] & 15) * 4, packet[9], socket.inet_ntop(socket.AF_INET, packet[16:20])
    else:
        head, kind, to = 40, packet[6], socket.inet_ntop(socket.AF_INET6, packet[24:40])
    if version == 6 and kind in (0, 58):  # the interface itself asks for neighbours and groups
        return None
    if kind not in (6, 17):
        return f"protocol {{kind}} {{to}}"
    port, name, at = struct.unpack("!H", packet[head + 2:head + 4])[0], [], head + 20
    while kind == 17 and port == 53 and packet[at]:
        name.append(packet[at + 1:at + 1 + packet[at]].decode("ascii", "replace"))
        at += 1 + packet[at]
    return f"{{'tcp' if kind == 6 else 'udp'}} {{to}}:{{port}} {{'.'.join(name)}}".strip()


while True:
    packet, (_, protocol, direction, *_) = tap.recvfrom(2048)
    line = noted(packet) if direction == socket.PACKET_OUTGOING and protocol in (0x0800, 0x86DD) else None
    if line and line not in seen:
        seen.add(line)
        out.write(line + "\\n")
'''
