{{/* The head of a NetworkPolicy, a list of (root, name); and the labels that every pod of the release has. */}}
{{- define "freehold.policy" }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "freehold.name" (index . 0) }}-{{ index . 1 }}
  labels: {{- include "freehold.labels" (list (index . 0) "network") | nindent 4 }}
spec:
{{- end }}
{{- define "freehold.ofRelease" }}
app.kubernetes.io/name: freehold
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
