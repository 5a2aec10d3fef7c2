// Package toolbox decides how the emulator's sandboxes respond to commands and
// previews, and what their logs contain. Nothing runs in them: the responses are
// scripted, or interpreted for a few simple commands.
package toolbox
