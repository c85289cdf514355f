{{/* The content of the settings file, as JSON: settings, and the classes of ingressClasses. */}}
{{- define "albatross.settings" -}}
{{- $settings := deepCopy (.Values.settings | default dict) -}}
{{- if .Values.ingressClasses -}}
{{- /* Without the setting, the program serves Ingresses without a class, in proxy mode. */ -}}
{{- $classes := list (dict "name" "" "mode" "proxy") -}}
{{- if hasKey $settings "classes" -}}{{- $classes = $settings.classes -}}{{- end -}}
{{- range $class := .Values.ingressClasses -}}
{{- range $classes -}}
{{- if eq .name $class.name -}}
{{- fail (printf "the class %q is there twice, in ingressClasses or in settings.classes: remove one of the two" .name) -}}
{{- end -}}
{{- end -}}
{{- $classes = append $classes (pick $class "name" "mode") -}}
{{- end -}}
{{- $_ := set $settings "classes" $classes -}}
{{- end -}}
{{- toJson $settings -}}
{{- end -}}

{{/* "true" if there is a settings file. */}}
{{- define "albatross.hasSettings" -}}
{{- if ne (include "albatross.settings" .) "{}" }}true{{ end -}}
{{- end -}}

{{/* "true" if a class is in route mode. */}}
{{- define "albatross.hasRouteMode" -}}
{{- $settings := include "albatross.settings" . | fromJson -}}
{{- $modes := list (get $settings "default-mode") -}}
{{- range dig "classes" list $settings -}}{{- $modes = append $modes .mode -}}{{- end -}}
{{- if has "route" $modes }}true{{ end -}}
{{- end -}}
