{{/* Names, labels and images. */}}

{{- define "freehold.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "freehold.version" -}}
{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Labels that select; a list of (root, component). */}}
{{- define "freehold.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: freehold
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "freehold.labels" -}}
{{- $root := index . 0 -}}
{{ include "freehold.selector" . }}
app.kubernetes.io/version: {{ include "freehold.version" $root | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end }}

{{/* A list of (root, "app" | "edge" | "postgresql" | "rabbitmq"). */}}
{{- define "freehold.image" -}}
{{- $root := index . 0 -}}
{{- $image := index $root.Values.image (index . 1) -}}
{{- with $root.Values.image.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ include "freehold.version" $root }}{{ end -}}
{{- end }}

{{- define "freehold.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (ternary (include "freehold.name" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{/* The Secret with database-url and broker-url of a service; a list of (root, service). */}}
{{- define "freehold.secret" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{ (index $root.Values.secrets $service).existingSecret | default (printf "%s-%s" $root.Values.secrets.prefix $service) }}
{{- end }}

{{/* The Secret of a bundled server or of the edge; a list of (root, "postgresql" | "rabbitmq" | "edge"). */}}
{{- define "freehold.partSecret" -}}
{{- $root := index . 0 -}}
{{- $part := index . 1 -}}
{{- $values := index $root.Values $part -}}
{{- $own := $values.existingSecret | default "" -}}
{{- if eq $part "edge" }}{{ $own = $values.tls.existingSecret }}{{ end -}}
{{ $own | default (printf "%s-%s" $root.Values.secrets.prefix (ternary "postgres" $part (eq $part "postgresql"))) }}
{{- end }}

{{- define "freehold.services" -}}
gateway customer workflow notify report
{{- end }}
