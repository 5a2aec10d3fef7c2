package image

var pipOptionKeys = []Key{
	{Name: "find_links", Type: "URL or path, or list of them", Doc: "Places of packages in addition to the index.", Example: "find_links: [https://example.com/wheels]", Schema: listSchema},
	{Name: "index_url", Type: "URL", Doc: "Index of packages.", Example: "index_url: https://pypi.example.com/simple", Schema: oneLineSchema},
	{Name: "extra_index_urls", Type: "URL, or list of URLs", Doc: "Further indexes of packages.", Example: "extra_index_urls: [https://pypi.example.com/simple]", Schema: listSchema, others: "extra_index_url"},
	{Name: "pre", Type: "true or false", Doc: "Allow versions before a release.", Example: "pre: true", Schema: flagSchema},
	extraOptionsKey,
}

var (
	extraOptionsKey = Key{Name: "extra_options", Type: "text", Doc: "Further options, as on the command line.", Example: "extra_options: --no-deps", Schema: oneLineSchema, others: "options flags args"}
	packagesKey     = Key{Name: "packages", Type: "package, or list of packages", Doc: "The packages.", Example: "packages: [numpy]", Required: true, Schema: listSchema}

	pipInstallKeys   = append([]Key{packagesKey}, pipOptionKeys...)
	requirementsKeys = append([]Key{
		{Name: "requirements_txt", Type: "path", Doc: "The requirements file, relative to the spec file.", Example: "requirements_txt: requirements.txt", Required: true, Schema: oneLineSchema, others: "path file requirements"},
	}, pipOptionKeys...)
	pyprojectKeys = append([]Key{
		{Name: "pyproject_toml", Type: "path", Doc: "The file, relative to the spec file.", Example: "pyproject_toml: pyproject.toml", Required: true, Schema: oneLineSchema, others: "path file pyproject"},
		{Name: "groups", Type: "group, or list of groups", Doc: "Groups of [project.optional-dependencies] to install as well.", Example: "groups: [dev]", Schema: listSchema, others: "optional_dependencies extras group"},
	}, pipOptionKeys...)
	uvKeys = append([]Key{
		packagesKey,
		{Name: "version", Type: "version", Doc: "Version of uv, which is copied from its image. Without it, the uv of the image is used, or else the newest one is installed by pip.", Example: `version: "0.9.13"`, Schema: oneLineSchema},
	}, pipOptionKeys...)
)

var pipInstallRow = Row{
	Name: "pip_install", Type: "package, list of packages, or mapping", Doc: "Install Python packages.", Example: "pip_install: [numpy, pandas]",
	Keys: pipInstallKeys, Schema: orKeys(listSchema, pipInstallKeys), decode: decodePipInstall,
}

var requirementsRow = Row{
	Name: "pip_install_from_requirements", Type: "path, or mapping", Doc: "Copy a requirements file and install what it lists.",
	Example: "pip_install_from_requirements: requirements.txt",
	Keys:    requirementsKeys, Schema: orKeys(oneLineSchema, requirementsKeys), decode: decodeRequirements,
}

var pyprojectRow = Row{
	Name: "pip_install_from_pyproject", Type: "path, or mapping", Doc: "Install the dependencies that a pyproject.toml lists.",
	Example: "pip_install_from_pyproject: {pyproject_toml: pyproject.toml, groups: [dev]}",
	Keys:    pyprojectKeys, Schema: orKeys(oneLineSchema, pyprojectKeys), decode: decodePyproject,
}

var uvRow = Row{
	Name: "uv", Type: "package, list of packages, or mapping", Doc: "Install Python packages by uv pip install --system.", Example: "uv: [numpy, pandas]",
	Keys: uvKeys, Schema: orKeys(listSchema, uvKeys), decode: decodeUV,
}
