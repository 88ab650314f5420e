package io.tidelog.testkit.etcd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An authority and what it signs, as PEM files in one folder, made by the openssl on the PATH. Good
 * for a day.
 */
public final class TestCertificates {

  private final Path folder;

  private TestCertificates(Path folder) {
    this.folder = folder;
  }

  /** Makes an authority of that name. */
  public static TestCertificates create(Path folder, String authority) throws IOException {
    var made = new TestCertificates(Files.createDirectories(folder));
    made.openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=" + authority,
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem");
    return made;
  }

  /** Makes a key and a certificate for a server on 127.0.0.1, or for a client. */
  public TestCertificates sign(String name) throws IOException {
    Files.writeString(
        folder.resolve(name + ".ext"),
        "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n");
    openssl(
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=" + name,
        "-keyout",
        name + ".key",
        "-out",
        name + ".csr");
    openssl(
        "x509",
        "-req",
        "-days",
        "1",
        "-in",
        name + ".csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-extfile",
        name + ".ext",
        "-out",
        name + ".pem");
    return this;
  }

  public Path authority() {
    return folder.resolve("ca.pem");
  }

  public Path certificate(String name) {
    return folder.resolve(name + ".pem");
  }

  /** As PKCS #8, without a password. */
  public Path key(String name) {
    return folder.resolve(name + ".key");
  }

  private void openssl(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    var output = folder.resolve("openssl.log");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
              .start();
    } catch (IOException e) {
      throw new IOException(
          "no openssl on the PATH; install it with: apt-get install openssl (./tidelog test does)",
          e);
    }
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException("openssl failed: " + Files.readString(output));
    }
  }
}
