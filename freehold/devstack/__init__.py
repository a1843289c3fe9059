"""The full stack on one machine: PostgreSQL, RabbitMQ, the edge and every role as its own process.

`make run-full` serves it to people; end-to-end tests, chaos and benchmarks use the class:

    with FullStack(home, keep=False) as stack:
        requests.get(stack.address)
        stack.kill_role("workflow-worker")

It is what servers run, only that one program starts the parts. On servers that is systemd's or Kubernetes' task.
"""

from freehold.devstack.stack import FullStack

__all__ = ["FullStack"]
