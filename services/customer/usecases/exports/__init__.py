"""Large exports: asked for, written by a job, downloaded while they are kept."""
