package dockerfile

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"fleet/internal/imageref"
	"fleet/internal/secretname"
)

// Check returns the mistakes that Parse does not find since they depend on variables:
// references of base images, words and mounts that cannot be expanded. Warnings are
// secrets in ARG and ENV, which become readable in the image, platforms other than
// linux/amd64, and stages with a reserved name. args are the values of build arguments.
func (f *File) Check(args map[string]string) Problems {
	var problems Problems
	f.walk(args, func(p place) {
		for _, one := range p.check() {
			one.Line = p.Line
			problems = append(problems, one)
		}
	})
	return problems.sorted()
}

func (p place) check() Problems {
	problems := append(p.checkBases(), p.checkForm()...)
	switch c := p.command.(type) {
	case *instructions.Stage:
		problems = append(problems, p.checkStage(c)...)
	case *instructions.ArgCommand:
		for _, arg := range c.Args {
			if arg.Value != nil {
				problems = append(problems, p.checkSecret(arg.Key, *arg.Value)...)
			}
		}
	case *instructions.EnvCommand:
		for _, pair := range c.Env {
			problems = append(problems, p.checkSecret(pair.Key, pair.Value)...)
		}
	case *instructions.CopyCommand:
		problems = append(problems, p.checkWords(c.SourcePaths, c.DestPath)...)
	case *instructions.AddCommand:
		problems = append(problems, p.checkWords(c.SourcePaths, c.DestPath)...)
	case *instructions.RunCommand:
		if _, unknown, err := p.mounts(c); err != nil && unknown == "" {
			problems = append(problems, Problem{Message: message(err), Quoted: p.String()})
		}
	}
	return problems
}

// checkBases checks the references of images. One without a tag is legal here.
func (p place) checkBases() (problems Problems) {
	for _, base := range p.bases() {
		if base.Unknown != "" {
			continue
		}
		if base.Image == "" {
			problems = append(problems, Problem{Message: "the name of the base image is empty", Hint: "give its ARG a value", Quoted: p.String(), Unset: "ARG"})
			continue
		}
		if _, wrong := imageref.ParseReference(base.Image); wrong.Message != "" {
			problems = append(problems, Problem{
				Message: quote(base.Image) + " is not a registry reference: " + wrong.Message, Hint: wrong.Hint, Quoted: base.Image,
			})
		}
	}
	return problems
}

// checkStage checks the name of the stage, and the variables and the platform of FROM.
func (p place) checkStage(c *instructions.Stage) (problems Problems) {
	if c.Name == "scratch" || c.Name == "context" {
		problems = append(problems, Problem{Message: quote(c.Name) + " is reserved and should not be the name of a stage", Hint: "choose another name", Quoted: c.Name, Warning: true})
	}
	problems = append(problems, p.checkBaseVariables(c)...)
	platform, unknown, err := p.scope.expand(c.Platform)
	if err == nil && unknown == "" && platform != "" && platform != "linux/amd64" && platform != "linux" {
		problems = append(problems, Problem{
			Message: "the platform is " + quote(platform) + ", and Daytona runs linux/amd64", Hint: "remove --platform", Quoted: platform, Warning: true,
		})
	}
	return problems
}

// checkBaseVariables checks the variables in the name of a base image. One without a value
// is empty, with which the name may be valid.
func (p place) checkBaseVariables(c *instructions.Stage) Problems {
	image, unknown, err := p.scope.expand(c.BaseName)
	switch {
	case err != nil:
		return Problems{{Message: message(err), Quoted: c.BaseName}}
	case unknown == "":
		return nil
	}
	_, wrong := imageref.ParseReference(image)
	return Problems{{
		Message: "the base image is " + quote(c.BaseName) + ", and " + unknown + " has no value", Quoted: c.BaseName,
		Hint: "declare it before the first FROM, as in ARG " + unknown + "=value", Warning: wrong.Message == "", Unset: unknown,
	}}
}

// checkSecret warns of a literal value that looks like a secret by its name.
func (p place) checkSecret(name, value string) Problems {
	if strings.Trim(value, `"'`) == "" || strings.Contains(value, "$") || !secretname.IsSecretText(name, strings.Trim(value, `"'`)) {
		return nil
	}
	return Problems{{
		Message: p.Keyword + " " + name + " looks like a secret, and its value becomes a part of the image", Quoted: name,
		Hint: "set it in the env_vars or secrets of the sandbox", Warning: true,
	}}
}

// checkWords checks that the words of a COPY can be expanded.
func (p place) checkWords(sources []string, dest string) Problems {
	for _, word := range append(append([]string{}, sources...), dest) {
		if _, _, err := p.scope.expand(word); err != nil {
			one := Problem{Message: message(err), Quoted: word}
			if strings.ContainsAny(word, `"'`) {
				one.Hint = "quotes do not hold words together here: write names with spaces as a list, as in COPY [\"a b\", \"/dir/\"]"
			}
			return Problems{one}
		}
	}
	return nil
}
