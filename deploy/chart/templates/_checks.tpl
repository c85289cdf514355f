{{/* Values that contradict each other. values.schema.json checks each value alone. */}}
{{- define "albatross.checks" -}}
{{- if and .Values.rbac.create (not .Values.rbac.routeMode) (include "albatross.hasRouteMode" .) -}}
{{- fail "a class is in route mode, but rbac.routeMode is false, so the controller could not read Services: set rbac.routeMode to true" -}}
{{- end -}}
{{- if and .Values.rbac.create (not .Values.rbac.pods) (dig "proxy" "pods" "" (.Values.settings | default dict)) -}}
{{- fail "settings.proxy.pods makes Pods the targets, but rbac.pods is false, so the controller could not read them: set rbac.pods to true" -}}
{{- end -}}
{{- if and .Values.recordings.s3 .Values.recordings.volume -}}
{{- fail "recordings.s3 and recordings.volume are both set, but passes are recorded in one place: remove one of the two" -}}
{{- end -}}
{{- if and .Values.readOnly .Values.recordings.s3 -}}
{{- fail "readOnly writes nothing to AWS, but recordings.s3 is a bucket: set recordings.volume, or remove one of the two" -}}
{{- end -}}
{{- if not (or .Values.recordings.s3 .Values.recordings.volume) -}}
{{- range $name := list "folderPerPod" "passes" "maxPasses" "maxSize" "maxAge" -}}
{{- if get $.Values.recordings $name -}}
{{- fail (printf "recordings.%s is set, but nothing is recorded: set recordings.s3 or recordings.volume too" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $webhook := .Values.webhook -}}
{{- if and $webhook.secret $webhook.certManager.enabled -}}
{{- fail "webhook.secret and webhook.certManager.enabled are both set, but the webhook has one certificate: remove one of the two" -}}
{{- end -}}
{{- if and $webhook.from (not .Values.networkPolicy.enabled) -}}
{{- fail "webhook.from restricts nothing without a NetworkPolicy: set networkPolicy.enabled to true" -}}
{{- end -}}
{{- if and (or $webhook.secret $webhook.certManager.enabled) (not $webhook.enabled) -}}
{{- fail "the certificate of the webhook is configured, but there is no webhook: set webhook.enabled to true" -}}
{{- end -}}
{{- if and $webhook.certManager.issuerRef (not $webhook.certManager.enabled) -}}
{{- fail "webhook.certManager.issuerRef is set, but cert-manager makes no certificate: set webhook.certManager.enabled to true" -}}
{{- end -}}
{{- with include "albatross.watchNamespace" . -}}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" .) -}}
{{- fail (printf "settings.watch-namespace is %q, but it must be the name of one namespace" .) -}}
{{- end -}}
{{- end -}}
{{- if and $webhook.caBundle (not $webhook.secret) -}}
{{- fail "webhook.caBundle is set, but it belongs to a certificate of yours: set webhook.secret too" -}}
{{- end -}}
{{- if and .Values.readOnly $webhook.enabled (not (include "albatross.webhookSecret" .)) -}}
{{- fail "readOnly writes nothing to the cluster, but the webhook would keep a certificate there: set webhook.secret or webhook.certManager.enabled" -}}
{{- end -}}
{{- $ports := dict (toString (int .Values.port)) "port" -}}
{{- $others := dict -}}
{{- if .Values.pagePort }}{{ $_ := set $others "pagePort" .Values.pagePort }}{{ end -}}
{{- if $webhook.enabled }}{{ $_ := set $others "webhook.port" $webhook.port }}{{ end -}}
{{- range $name, $port := $others -}}
{{- with get $ports (toString (int $port)) -}}
{{- fail (printf "%s and %s are both %d, but each needs a port of its own: change one of the two" . $name (int $port)) -}}
{{- end -}}
{{- $_ := set $ports (toString (int $port)) $name -}}
{{- end -}}
{{- $policies := .Values.policies -}}
{{- if and $policies.files $policies.configMap -}}
{{- fail "policies.files and policies.configMap are both set, but only one ConfigMap is mounted: remove one of the two" -}}
{{- end -}}
{{- range concat ($policies.decide | default list) ($policies.shadow | default list) -}}
{{- if not (or (hasPrefix "oci://" .) $policies.configMap (hasKey ($policies.files | default dict) .)) -}}
{{- fail (printf "the policy %q is neither a file of policies.files nor a reference that begins with oci://: add the file, or name the ConfigMap that contains it in policies.configMap" .) -}}
{{- end -}}
{{- end -}}
{{- range .Values.extraEnv -}}
{{- if and (has .name (list "AWS_SECRET_ACCESS_KEY" "AWS_SESSION_TOKEN")) (hasKey . "value") -}}
{{- fail (printf "extraEnv contains %s as text, which everybody who may read Deployments could read: use serviceAccount.roleArn, EKS Pod Identity or the instance role (deploy/iam.md)" .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
