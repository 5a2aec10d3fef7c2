{{- define "fleet.name" -}}
{{ .Release.Name | trunc 53 | trimSuffix "-" }}
{{- end }}

{{- define "fleet.selector" -}}
app.kubernetes.io/name: fleet-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "fleet.rules" -}}
- apiGroups: [daytona.fleet]
  resources: [fleets]
  verbs: [get, list, watch, patch]
- apiGroups: [daytona.fleet]
  resources: [fleets/status]
  verbs: [patch]
- apiGroups: [daytona.fleet]
  resources: [fleets/finalizers]
  verbs: [update]
- apiGroups: [""]
  resources: [configmaps]
  verbs: {{ ternary "[get, list, watch, create, patch, delete]" "[get, create, patch, delete]" .Values.watchSecrets }}
- apiGroups: [""]
  resources: [secrets]
  verbs: {{ ternary "[get, list, watch]" "[get]" .Values.watchSecrets }}
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- define "fleet.subjects" -}}
- kind: ServiceAccount
  name: {{ include "fleet.name" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}
