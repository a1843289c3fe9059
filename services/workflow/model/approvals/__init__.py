"""Approvals as business people draw them, top down: a form in JSON that stands for a BPMN file, and the way back."""
