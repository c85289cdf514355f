{{/* The arguments of the program. */}}
{{- define "albatross.args" -}}
{{- $args := list "run" -}}
{{- with .Values.clusterId }}{{ $args = append $args (printf "--cluster-id=%s" .) }}{{ end -}}
{{- with .Values.region }}{{ $args = append $args (printf "--region=%s" .) }}{{ end -}}
{{- with .Values.vpcId }}{{ $args = append $args (printf "--vpc-id=%s" .) }}{{ end -}}
{{- $args = append $args (printf "--log=%s" .Values.log) -}}
{{- $args = append $args "--log-level-file=/log/level" -}}
{{- if ne (int .Values.port) 8080 }}{{ $args = append $args (printf "--listen=[::]:%d" (int .Values.port)) }}{{ end -}}
{{- with .Values.interval }}{{ $args = append $args (printf "--interval=%d" (int .)) }}{{ end -}}
{{- with .Values.awsRate }}{{ $args = append $args (printf "--aws-rate=%d" (int .)) }}{{ end -}}
{{- if .Values.readOnly }}{{ $args = append $args "--read-only" }}{{ end -}}
{{- if .Values.serveSnapshot }}{{ $args = append $args "--serve-snapshot" }}{{ end -}}
{{- with .Values.pagePort }}{{ $args = append $args (printf "--page=127.0.0.1:%d" (int .)) }}{{ end -}}
{{- if .Values.webhook.enabled -}}
{{- $args = append $args (printf "--webhook=[::]:%d" (int .Values.webhook.port)) -}}
{{- if include "albatross.webhookSecret" . -}}
{{- $args = append $args "--webhook-certificate=/webhook" -}}
{{- else -}}
{{- $args = append $args (printf "--webhook-service=%s/%s-webhook" .Release.Namespace .Values.name) -}}
{{- end -}}
{{- end -}}
{{- if include "albatross.hasSettings" . }}{{ $args = append $args "--settings=/settings/settings.json" }}{{ end -}}
{{- range .Values.policies.decide }}{{ $args = append $args (printf "--policy=%s" (include "albatross.policy" .)) }}{{ end -}}
{{- range .Values.policies.shadow }}{{ $args = append $args (printf "--shadow-policy=%s" (include "albatross.policy" .)) }}{{ end -}}
{{- if include "albatross.hasRegistry" . }}{{ $args = append $args "--policy-cache=/policy-cache" }}{{ end -}}
{{- $recordings := .Values.recordings -}}
{{- if $recordings.volume }}{{ $args = append $args "--record=/recordings" }}{{ end -}}
{{- with $recordings.s3 }}{{ $args = append $args (printf "--record=%s" .) }}{{ end -}}
{{- with $recordings.passes }}{{ $args = append $args (printf "--record-passes=%s" .) }}{{ end -}}
{{- with $recordings.maxPasses }}{{ $args = append $args (printf "--record-max-passes=%d" (int .)) }}{{ end -}}
{{- with $recordings.maxSize }}{{ $args = append $args (printf "--record-max-size=%d" (int .)) }}{{ end -}}
{{- with $recordings.maxAge }}{{ $args = append $args (printf "--record-max-age=%d" (int .)) }}{{ end -}}
{{- toYaml (concat $args (.Values.extraArgs | default list)) -}}
{{- end -}}

{{/* A policy as the program takes it: a reference, or the path of a file. */}}
{{- define "albatross.policy" -}}
{{- if hasPrefix "oci://" . }}{{ . }}{{ else }}/policies/{{ . }}{{ end -}}
{{- end -}}

{{/* "true" if a policy comes from a registry. */}}
{{- define "albatross.hasRegistry" -}}
{{- range concat (.Values.policies.decide | default list) (.Values.policies.shadow | default list) -}}
{{- if hasPrefix "oci://" . }}true{{ end -}}
{{- end -}}
{{- end -}}

{{/* The Secret with the certificate of the webhook. Empty: the program makes it. */}}
{{- define "albatross.webhookSecret" -}}
{{- if .Values.webhook.enabled -}}
{{- if .Values.webhook.certManager.enabled }}{{ .Values.name }}-webhook-certificate{{ else }}{{ .Values.webhook.secret }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* The ConfigMap with the files of policies. */}}
{{- define "albatross.policiesConfigMap" -}}
{{- if .Values.policies.files -}}
{{ .Values.name }}-policies
{{- else -}}
{{ .Values.policies.configMap }}
{{- end -}}
{{- end -}}

{{- define "albatross.volumes" -}}
{{- /* Optional, so that the level of running Pods can be changed although the release was installed without one. */ -}}
{{- $log := dict "name" (printf "%s-log" .Values.name) "optional" true -}}
{{- $volumes := list (dict "name" "log" "configMap" $log) -}}
{{- if include "albatross.hasSettings" . -}}
{{- $volumes = append $volumes (dict "name" "settings" "configMap" (dict "name" (printf "%s-settings" .Values.name))) -}}
{{- end -}}
{{- with include "albatross.policiesConfigMap" . -}}
{{- $volumes = append $volumes (dict "name" "policies" "configMap" (dict "name" .)) -}}
{{- end -}}
{{- if include "albatross.hasRegistry" . -}}
{{- $volumes = append $volumes (dict "name" "policy-cache" "emptyDir" (dict "sizeLimit" "64Mi")) -}}
{{- end -}}
{{- with .Values.policies.pullSecret -}}
{{- $item := dict "key" ".dockerconfigjson" "path" "config.json" -}}
{{- $volumes = append $volumes (dict "name" "docker" "secret" (dict "secretName" . "items" (list $item))) -}}
{{- end -}}
{{- with include "albatross.webhookSecret" . -}}
{{- $volumes = append $volumes (dict "name" "webhook" "secret" (dict "secretName" . "optional" true)) -}}
{{- end -}}
{{- with .Values.recordings.volume -}}
{{- $volumes = append $volumes (merge (dict "name" "recordings") .) -}}
{{- end -}}
{{- toYaml (concat $volumes (.Values.extraVolumes | default list)) -}}
{{- end -}}

{{- define "albatross.volumeMounts" -}}
{{- $mounts := list (dict "name" "log" "mountPath" "/log" "readOnly" true) -}}
{{- /* Whole volumes: a file that is mounted with subPath would never change. */ -}}
{{- if include "albatross.hasSettings" . -}}
{{- $mounts = append $mounts (dict "name" "settings" "mountPath" "/settings" "readOnly" true) -}}
{{- end -}}
{{- if include "albatross.policiesConfigMap" . -}}
{{- $mounts = append $mounts (dict "name" "policies" "mountPath" "/policies" "readOnly" true) -}}
{{- end -}}
{{- if include "albatross.hasRegistry" . -}}
{{- $mounts = append $mounts (dict "name" "policy-cache" "mountPath" "/policy-cache") -}}
{{- end -}}
{{- if .Values.policies.pullSecret -}}
{{- $mounts = append $mounts (dict "name" "docker" "mountPath" "/docker" "readOnly" true) -}}
{{- end -}}
{{- if include "albatross.webhookSecret" . -}}
{{- $mounts = append $mounts (dict "name" "webhook" "mountPath" "/webhook" "readOnly" true) -}}
{{- end -}}
{{- if .Values.recordings.volume -}}
{{- $mount := dict "name" "recordings" "mountPath" "/recordings" -}}
{{- if .Values.recordings.folderPerPod -}}{{- $_ := set $mount "subPathExpr" "$(POD_NAME)" -}}{{- end -}}
{{- $mounts = append $mounts $mount -}}
{{- end -}}
{{- toYaml (concat $mounts (.Values.extraVolumeMounts | default list)) -}}
{{- end -}}

{{/* Annotations of the Pods. The running controller reads only settings.policies again, so any other change must restart it. */}}
{{- define "albatross.podAnnotations" -}}
{{- $annotations := deepCopy (.Values.podAnnotations | default dict) -}}
{{- if include "albatross.hasSettings" . -}}
{{- $settings := omit (include "albatross.settings" . | fromJson) "policies" -}}
{{- $_ := set $annotations "checksum/settings" ($settings | toJson | sha256sum) -}}
{{- end -}}
{{- toYaml $annotations -}}
{{- end -}}

{{/* The security context of the Pod. The group may write to the volume of the recordings. */}}
{{- define "albatross.podSecurityContext" -}}
{{- $context := deepCopy (.Values.podSecurityContext | default dict) -}}
{{- if and .Values.recordings.volume (not (hasKey $context "fsGroup")) -}}{{- $_ := set $context "fsGroup" 65532 -}}{{- end -}}
{{- toYaml $context -}}
{{- end -}}

{{- define "albatross.topologySpreadConstraints" -}}
{{- $selector := dict "labelSelector" (dict "matchLabels" (include "albatross.selector" . | fromYaml)) -}}
{{- $constraints := list -}}
{{- range .Values.topologySpreadConstraints -}}
{{- $constraints = append $constraints (merge (deepCopy .) $selector) -}}
{{- end -}}
{{- toYaml $constraints -}}
{{- end -}}
