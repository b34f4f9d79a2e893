# For Linux: macOS has neither the loader's way to find drivers nor a tested build. Untested; a release's address and
# checksum are to be filled in.
class Epocl < Formula
  desc "Trains fully connected neural networks on any OpenCL device"
  homepage "https://example.org/epocl"
  url "https://example.org/epocl/epocl-0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "opencl-headers" => :build
  depends_on "pkgconf" => [:build, :test]
  depends_on "clblast"
  depends_on "jansson"
  depends_on "libdeflate"
  depends_on :linux
  depends_on "opencl-icd-loader"
  depends_on "pocl"
  depends_on "zlib"

  def install
    system "make", "install", "NO_SETUP=1", "PREFIX=#{prefix}", "BASELINE_CFLAGS=-O3"
    pkgshare.install "examples"
  end

  test do
    flags = shell_output("pkgconf --cflags --libs epocl").chomp.split
    system ENV.cc, pkgshare/"examples/xor.c", *flags, "-o", "xor"
    system "./xor"
  end
end
