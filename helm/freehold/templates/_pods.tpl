{{/* What every pod of the release has in common: accounts, walls, places. */}}

{{/* A list of (root, uid). */}}
{{- define "freehold.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ index . 1 }}
runAsGroup: {{ index . 1 }}
fsGroup: {{ index . 1 }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "freehold.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Service links would put variables with names like settings into the pods. */}}
{{- define "freehold.podBasics" -}}
serviceAccountName: {{ include "freehold.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Spread over nodes and zones where there are several; a list of (root, component). */}}
{{- define "freehold.spread" -}}
topologySpreadConstraints:
  {{- $selector := include "freehold.selector" . }}
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- $selector | nindent 8 }}
  {{- end }}
{{- end }}

{{/* A disk that one node holds keeps a service's pods together on it; a list of (root, service). */}}
{{- define "freehold.together" -}}
{{- $root := index . 0 -}}
{{- if eq $root.Values.persistence.accessMode "ReadWriteOnce" }}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            app.kubernetes.io/instance: {{ $root.Release.Name }}
            freehold.io/disk: {{ index . 1 }}
{{- end }}
{{- end }}

{{/* Environment of a service as a map; numbers are written out, not as 1e+06. A list of (root, group). */}}
{{- define "freehold.settings" -}}
{{- $group := index . 1 -}}
{{- $prefix := ternary "FREEHOLD" (printf "FREEHOLD_%s" $group) (eq $group "all") -}}
{{- range $name, $value := index (index . 0).Values.settings $group }}
{{ printf "%s_%s" $prefix $name | upper }}: {{ include "freehold.text" $value | quote }}
{{- end }}
{{- end }}

{{- define "freehold.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end }}

{{/* What the kit decides for every process. */}}
{{- define "freehold.decided" -}}
{{- $root := . -}}
FREEHOLD_MODE: servers
FREEHOLD_HOME: /var/lib/freehold
FREEHOLD_LISTEN: 0.0.0.0:8080
FREEHOLD_ADMIN_LISTEN: 0.0.0.0:9090
FREEHOLD_PUBLIC_URL: {{ required "publicUrl: the address that people use is needed" .Values.publicUrl | quote }}
FREEHOLD_GATEWAY_FORWARDED_HOPS: "1"
{{- range splitList " " (include "freehold.services" .) }}
FREEHOLD_{{ upper . }}_URL: http://{{ include "freehold.name" $root }}-{{ . }}-web:8080
{{- end }}
{{- end }}

{{/* The whole environment of a service's pods, as a list; secrets are files. A list of (root, service). */}}
{{- define "freehold.secretEnv" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- range list "database-url" "broker-url" }}
- name: FREEHOLD_{{ upper $service }}_{{ . | replace "-" "_" | upper }}_FILE
  value: /run/secrets/freehold/{{ . }}
{{- end }}
{{- range $name, $ref := (index $root.Values.secretSettings $service | default dict) }}
- name: FREEHOLD_{{ upper $service }}_{{ upper $name }}_FILE
  value: /run/secrets/freehold-{{ $name | replace "_" "-" }}/value
{{- end }}
{{- end }}

{{- define "freehold.appMounts" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
- {name: data, mountPath: /var/lib/freehold}
- {name: tmp, mountPath: /tmp}
- {name: secrets, mountPath: /run/secrets/freehold, readOnly: true}
{{- range $name, $ref := (index $root.Values.secretSettings $service | default dict) }}
- {name: {{ $name | replace "_" "-" }}, mountPath: /run/secrets/freehold-{{ $name | replace "_" "-" }}, readOnly: true}
{{- end }}
{{- end }}

{{- define "freehold.appVolumes" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
- name: data
  persistentVolumeClaim:
    claimName: {{ (index $root.Values.persistence $service).existingClaim | default (printf "%s-%s" (include "freehold.name" $root) $service) }}
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: 64Mi}
- name: secrets
  secret:
    secretName: {{ include "freehold.secret" (list $root $service) }}
    defaultMode: 0440
    items:
      - {key: database-url, path: database-url}
      - {key: broker-url, path: broker-url}
{{- range $name, $ref := (index $root.Values.secretSettings $service | default dict) }}
- name: {{ $name | replace "_" "-" }}
  secret:
    secretName: {{ $ref.existingSecret }}
    defaultMode: 0440
    items:
      - {key: {{ $ref.key }}, path: value}
{{- end }}
{{- end }}

{{/* Everything after whose change a service's pods have to start anew. */}}
{{- define "freehold.checksums" -}}
{{- $root := index . 0 -}}
freehold.io/settings: {{ printf "%s%s%s" (include "freehold.decided" $root) (include "freehold.settings" (list $root "all")) (include "freehold.settings" .) | sha256sum }}
freehold.io/secrets-revision: {{ $root.Values.secrets.revision | quote }}
{{- with $root.Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}
