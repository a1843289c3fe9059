{{/* A wall against evictions; a list of (root, component). */}}
{{- define "freehold.budget" -}}
{{- $root := index . 0 -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "freehold.name" $root }}-{{ index . 1 }}
  labels: {{- include "freehold.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "freehold.selector" . | nindent 6 }}
{{- end }}
