{{/* The labels of an object. */}}
{{- define "albatross.labels" -}}
app.kubernetes.io/name: {{ .Values.name }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The labels by which the Pods are found. They cannot change, so there are no others. */}}
{{- define "albatross.selector" -}}
app.kubernetes.io/name: {{ .Values.name }}
{{- end -}}

{{- define "albatross.serviceAccount" -}}
{{ .Values.serviceAccount.name | default .Values.name }}
{{- end -}}

{{- define "albatross.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "albatross.serviceAccount" . }}
    namespace: {{ .Release.Namespace }}
{{- end -}}

{{- define "albatross.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* The name of the Lease: that of the default controller id is albatross. */}}
{{- define "albatross.lease" -}}
{{- $id := dig "identity" "controller-id" "albatross" (include "albatross.settings" . | fromJson) -}}
{{- if eq $id "albatross" }}albatross{{ else }}albatross-{{ $id }}{{ end -}}
{{- end -}}
