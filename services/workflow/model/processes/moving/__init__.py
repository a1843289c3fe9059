"""Running instances move to another version of their process: what goes where, what cannot, and why.

The rules are those that BPMN engines agree on. A position moves to an element of the same kind in the same
(sub-)process, so whoever has a task keeps it; timers and messages at it go on waiting where the new version has them
too. Two more keep an instance from a place where it could never end, or would do something twice: where it stands must
be places that can be open at the same time in the new version (`together`), and what a parallel join waits for must
still be on its way (`positions`).
"""
