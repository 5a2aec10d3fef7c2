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
  verbs: [get, list, watch, update, patch]
- apiGroups: [daytona.fleet]
  resources: [fleets/status]
  verbs: [get, update, patch]
- apiGroups: [daytona.fleet]
  resources: [fleets/finalizers]
  verbs: [update]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch, create, update, patch]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
- apiGroups: ["", events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{- define "fleet.subjects" -}}
- kind: ServiceAccount
  name: {{ include "fleet.name" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}
