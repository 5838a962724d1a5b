"""Code generators: IR in, `Artifact` out.

In reading order: `registry` (backend name -> loader), `rows` (how a target spells ops), then one folder per backend; `written`
has functions that texts call.
One idea: a backend is loaded only when something is compiled for it, so that importing kdsl stays light.
"""
