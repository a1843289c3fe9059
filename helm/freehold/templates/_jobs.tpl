{{/*
A Job that prepares something. On installation it is part of the release, because it needs what the release brings; the
roles wait for it. Before an upgrade it runs as a hook, so that new code never meets an old schema. Its name has a digest
of its content: a Job cannot be changed. A dict of root, name, weight, service (or ""), spec.
*/}}
{{- define "freehold.job" -}}
{{- $root := .root -}}
{{- $kind := ternary "up" "in" $root.Release.IsUpgrade -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "freehold.name" $root }}-{{ .name }}-{{ $kind }}-{{ .spec | sha256sum | trunc 8 }}
  labels: {{- include "freehold.labels" (list $root .name) | nindent 4 }}
  {{- if $root.Release.IsUpgrade }}
  annotations:
    helm.sh/hook: pre-upgrade
    helm.sh/hook-weight: {{ .weight | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
  {{- end }}
spec:
  backoffLimit: 12
  activeDeadlineSeconds: 1800
  template:
    metadata:
      labels:
        {{- include "freehold.labels" (list $root .name) | nindent 8 }}
        freehold.io/kind: job
        {{- with .service }}
        freehold.io/disk: {{ . }}
        {{- end }}
    spec: {{- .spec | nindent 6 }}
{{- end }}

{{/* A list of (root, service): keys, migrations and queues of one service, with that service's secrets and disk alone. */}}
{{- define "freehold.prepareSpec" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{ include "freehold.podBasics" $root }}
{{- include "freehold.together" . }}
restartPolicy: OnFailure
securityContext: {{- include "freehold.podSecurity" (list $root 10001) | nindent 2 }}
containers:
  - name: prepare
    image: {{ include "freehold.image" (list $root "app") }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    args: [prepare, {{ $service }}]
    env:
      {{- range $name, $value := include "freehold.decided" $root | fromYaml }}
      - {name: {{ $name }}, value: {{ $value | quote }}}
      {{- end }}
      {{- include "freehold.secretEnv" . | nindent 6 }}
    volumeMounts: {{- include "freehold.appMounts" . | nindent 6 }}
    resources:
      requests: {cpu: 50m, memory: 128Mi}
      limits: {cpu: "1", memory: 512Mi}
    securityContext: {{- include "freehold.containerSecurity" $root | nindent 6 }}
volumes: {{- include "freehold.appVolumes" . | nindent 2 }}
{{- end }}

{{/* Logins and databases on the bundled PostgreSQL. */}}
{{- define "freehold.databasesSpec" -}}
{{- $root := . -}}
{{ include "freehold.podBasics" . }}
restartPolicy: OnFailure
securityContext: {{- include "freehold.podSecurity" (list . 10001) | nindent 2 }}
containers:
  - name: databases
    image: {{ include "freehold.image" (list . "app") }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    args: [servers, databases, --admin-url-file, /run/secrets/freehold/postgres/admin-url, --folder, /run/secrets/freehold]
    volumeMounts:
      - {name: secrets, mountPath: /run/secrets/freehold, readOnly: true}
      - {name: tmp, mountPath: /tmp}
    resources:
      requests: {cpu: 50m, memory: 128Mi}
      limits: {cpu: "1", memory: 256Mi}
    securityContext: {{- include "freehold.containerSecurity" . | nindent 6 }}
volumes:
  - name: tmp
    emptyDir: {medium: Memory, sizeLimit: 64Mi}
  - name: secrets
    projected:
      defaultMode: 0440
      sources:
        - secret:
            name: {{ include "freehold.partSecret" (list . "postgresql") }}
            items: [{key: admin-url, path: postgres/admin-url}]
        {{- range splitList " " (include "freehold.services" .) }}
        - secret:
            name: {{ include "freehold.secret" (list $root .) }}
            items: [{key: database-url, path: {{ . }}/database-url}]
        {{- end }}
{{- end }}
