{{/* A server of one node with a disk of its own: a dict of root, part, uid, port, home, env, keys, health. */}}
{{- define "freehold.server" -}}
{{- $root := .root -}}
{{- $values := index $root.Values .part -}}
{{- $name := printf "%s-%s" (include "freehold.name" $root) .part -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}
  labels: {{- include "freehold.labels" (list $root .part) | nindent 4 }}
spec:
  replicas: 1
  serviceName: {{ $name }}
  selector:
    matchLabels: {{- include "freehold.selector" (list $root .part) | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "freehold.labels" (list $root .part) | nindent 8 }}
        freehold.io/kind: server
      annotations:
        freehold.io/secrets-revision: {{ $root.Values.secrets.revision | quote }}
    spec:
      {{- include "freehold.podBasics" $root | nindent 6 }}
      terminationGracePeriodSeconds: 120
      securityContext: {{- include "freehold.podSecurity" (list $root .uid) | nindent 8 }}
      containers:
        - name: {{ .part }}
          image: {{ include "freehold.image" (list $root .part) }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          env:
            {{- range $variable, $value := .env }}
            - {name: {{ $variable }}, value: {{ $value }}}
            {{- end }}
          ports:
            - {name: server, containerPort: {{ .port }}}
          startupProbe:
            exec: {command: {{ toJson .health }}}
            periodSeconds: 3
            timeoutSeconds: 10
            failureThreshold: 100
          livenessProbe:
            tcpSocket: {port: server}
            periodSeconds: 15
            timeoutSeconds: 5
            failureThreshold: 4
          readinessProbe:
            exec: {command: {{ toJson .health }}}
            periodSeconds: 10
            timeoutSeconds: 10
          volumeMounts:
            - {name: data, mountPath: {{ .home }}}
            - {name: tmp, mountPath: /tmp}
            - {name: secrets, mountPath: /run/secrets/freehold, readOnly: true}
          resources: {{- toYaml $values.resources | nindent 12 }}
          securityContext: {{- include "freehold.containerSecurity" $root | nindent 12 }}
      volumes:
        - {name: tmp, emptyDir: {medium: Memory, sizeLimit: 64Mi}}
        - name: secrets
          secret:
            secretName: {{ include "freehold.partSecret" (list $root .part) }}
            defaultMode: 0440
            items:
              {{- range .keys }}
              - {key: {{ . }}, path: {{ . }}}
              {{- end }}
        - name: data
          persistentVolumeClaim: {claimName: {{ $name }}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ $name }}
  labels: {{- include "freehold.labels" (list $root .part) | nindent 4 }}
  annotations: {helm.sh/resource-policy: keep}
spec:
  accessModes: [ReadWriteOnce]
  {{- with $values.storageClass }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests: {storage: {{ $values.size }}}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{- include "freehold.labels" (list $root .part) | nindent 4 }}
spec:
  selector: {{- include "freehold.selector" (list $root .part) | nindent 4 }}
  ports:
    - {name: server, port: {{ .port }}, targetPort: server}
{{- end }}
