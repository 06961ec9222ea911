# Copyright Spack Project Developers. See COPYRIGHT file for details.
#
# SPDX-License-Identifier: (Apache-2.0 OR MIT)

from spack_repo.builtin.build_systems.cargo import CargoPackage

from spack.package import *


class SqshProv(CargoPackage):
    """Says offline, in milliseconds, which pipeline, commit and public image a .sqsh container
    image comes from, with the evidence; checks images before jobs, and audits directories."""

    homepage = "https://sqsh-prov.invalid/sqsh-prov"
    url = "https://files.pythonhosted.org/packages/source/s/sqsh-prov/sqsh_prov-0.1.0.tar.gz"

    license("MIT OR Apache-2.0")

    # Of the published archive; nothing is built before it is written here.
    version("0.1.0", sha256="0000000000000000000000000000000000000000000000000000000000000000")

    depends_on("c", type="build")
    depends_on("rust@1.90:", type="build")

    @run_after("install")
    def pages_and_completions(self):
        program = Executable(self.prefix.bin.join("sqsh-prov"))
        mkdirp(self.prefix.share.man.man1)
        program("man", "--all", self.prefix.share.man.man1)
        completions = join_path(self.prefix.share, "bash-completion", "completions")
        mkdirp(completions)
        with open(join_path(completions, "sqsh-prov"), "w", encoding="utf-8") as file:
            program("completions", "bash", output=file)

    def test_version(self):
        """It says its version."""
        program = which(self.prefix.bin.join("sqsh-prov"))
        out = program("--version", output=str.split, error=str.split)
        assert str(self.spec.version) in out
