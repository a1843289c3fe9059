"""Running instances move to another version of their process, when an administrator says so.

A preview looks at the running instances and changes nothing. The move is a job that takes one instance after the other,
each in a unit of work of its own with its result and the job's progress: a worker that is killed has moved an instance
or has not. Whoever decides a task at that moment waits for the lock of its instance, and is heard in the new version.
"""
