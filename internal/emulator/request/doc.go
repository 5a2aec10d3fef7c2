// Package request reads the requests to the emulator the way the real server's
// validator does: bodies, query parameters, filters, sorting and pages.
package request
