package suggest

import "testing"

func TestDidYouMean(t *testing.T) {
	known := []string{"cpu", "memory", "disk", "gpu", "gpu_type", "auto_stop_interval"}
	for word, want := range map[string]string{
		"cpus": "cpu", "mem": "", "memroy": "memory", "Memory": "memory", "dsik": "disk", "autoStopInterval": "auto_stop_interval",
		"gputype": "gpu_type", "": "", "x": "", "entirely else": "",
	} {
		if want != "" {
			want = `did you mean "` + want + `"?`
		}
		if got := DidYouMean(word, known); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}
