# nix-build packaging/nix, in the repository. Untested.
{ pkgs ? import <nixpkgs> { } }:

pkgs.stdenv.mkDerivation {
  pname = "epocl";
  version = "0.1.0";
  src = pkgs.lib.cleanSource ../..;

  outputs = [ "out" "dev" ];
  nativeBuildInputs = [ pkgs.pkg-config ];
  buildInputs = [ pkgs.clblast pkgs.jansson pkgs.libdeflate pkgs.ocl-icd pkgs.opencl-headers pkgs.zlib ];
  enableParallelBuilding = true;

  # Neither a package manager nor the builder's own processor is of any concern.
  makeFlags = [
    "NO_SETUP=1"
    "PREFIX=$(out)"
    "INCLUDEDIR=$(dev)/include"
    "BASELINE_CFLAGS=-O3"
  ];

  # With a device of the CPU, the installed program says what it finds.
  nativeInstallCheckInputs = [ pkgs.pocl ];
  doInstallCheck = true;
  installCheckPhase = ''
    export HOME=$TMPDIR OCL_ICD_VENDORS=${pkgs.pocl}/etc/OpenCL/vendors
    $out/bin/epocl devices
  '';

  meta = {
    description = "Trains fully connected neural networks on any OpenCL device";
    license = pkgs.lib.licenses.mit;
    platforms = pkgs.lib.platforms.linux;
    mainProgram = "epocl";
  };
}
