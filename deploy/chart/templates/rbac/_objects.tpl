{{/* The only namespace that the settings let the controller serve. Empty: all. */}}
{{- define "albatross.watchNamespace" -}}
{{- get (include "albatross.settings" . | fromJson) "watch-namespace" -}}
{{- end -}}

{{/* Rights on the objects that are served: in a ClusterRole, or in a Role of the only namespace. */}}
{{- define "albatross.rulesOfObjects" -}}
# What is served. The controller never reads a Secret.
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [list, watch]
{{- if not .Values.readOnly }}
# Write the DNS name of the load balancer, by server-side apply. The controller never changes the Ingress itself.
- apiGroups: [networking.k8s.io]
  resources: [ingresses/status]
  verbs: [patch]
{{- end }}
{{- if .Values.rbac.routeGroups }}
# RouteGroups and their statuses. In a cluster that does not have this kind, these two rules do nothing.
- apiGroups: [zalando.org]
  resources: [routegroups]
  verbs: [list, watch]
{{- if not .Values.readOnly }}
- apiGroups: [zalando.org]
  resources: [routegroups/status]
  verbs: [patch]
{{- end }}
{{- end }}
{{- if not .Values.readOnly }}
# Report what happened to an Ingress or RouteGroup, for kubectl describe.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end }}
{{- end -}}
