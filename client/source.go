package client

import "fmt"

// A Source is a place that settings are read from: the environment or a dotenv file.
type Source struct {
	File     string // the name of the file; empty for the environment
	Explicit bool   // whether the user named the file, rather than it being found in a directory

	// Lookup returns the value of a variable, with its line in the file. It
	// returns "" if there is none.
	Lookup func(name string) (value string, line int)
}

func (s Source) value(name string) (string, Origin) {
	value, line := s.Lookup(name)
	return value, Origin{Name: name, File: s.File, Line: line, Explicit: s.Explicit}
}

// An Origin is the place where a setting was set. The zero Origin means a default.
type Origin struct {
	Name     string // of the variable or the flag
	File     string // the dotenv file; empty for the environment and flags
	Line     int    // in the file, from 1
	Explicit bool   // whether the user named the file
}

// String returns the name, followed by file and line if the setting is from a file.
func (o Origin) String() string {
	if o.File == "" {
		return o.Name
	}
	return fmt.Sprintf("%s (%s:%d)", o.Name, o.File, o.Line)
}

// or returns o, or the name of a variable if there is no origin.
func (o Origin) or(name string) Origin {
	if o.Name == "" {
		return Origin{Name: name}
	}
	return o
}

// Origins are the places where the settings of a Config were set.
type Origins struct {
	URL               Origin // of Config.URL
	Credentials       Origin // of the key or the JWT
	Organization      Origin // of Config.Organization
	Target            Origin // of Config.Target
	Proxy             Origin // of the proxy for the URL; zero if none is used
	UnusedCredentials Origin // of credentials in the file of the URL, if others are used
}

// CheckOrigins returns a *ConfigError if a file decides where credentials from another
// place are sent. Otherwise anyone who can put a file into the working directory could
// get the key.
func (c Config) CheckOrigins() error {
	if problem := c.checkOrigins(); problem != "" {
		return &ConfigError{Problem: problem}
	}
	return nil
}

func (c Config) checkOrigins() string {
	url, key := c.Origins.URL, c.Origins.Credentials
	switch {
	case url.File == "" || url.File == key.File || c.Key == "" && c.JWT == "":
		return ""
	case !url.Explicit:
		return fmt.Sprintf("the URL in %s is not used: the credentials come from %s, and a file that was found in the working directory does not decide where they are sent; "+
			"put both into one file, or name the file if you trust it: --env-file %s", url, key.describe(), url.File)
	case key.File == "" && c.Origins.UnusedCredentials.Name != "":
		return fmt.Sprintf("the URL comes from %s, but the credentials from %s, which precede those of the file, %s; unset %s, or delete it from the file",
			url, key.describe(), c.Origins.UnusedCredentials, key.or("DAYTONA_API_KEY").Name)
	}
	return ""
}

// describe returns an origin for a sentence that compares it with a file.
func (o Origin) describe() string {
	switch {
	case o.Name == "":
		return "the program"
	case o.File == "":
		return o.Name + " in the environment"
	}
	return o.String()
}

// hintSuffix returns an origin in a file as an addition to a hint; "" for others.
func (o Origin) hintSuffix() string {
	if o.File == "" {
		return ""
	}
	return "; they come from " + o.String()
}
