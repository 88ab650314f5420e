package io.tidelog.app;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The rules of the house that a compiler does not know: who may see whom, where a library lives,
 * what a class may not be called, and who may read a clock or start a thread. Stands here because
 * {@code app} is the one module that sees all others.
 */
class HouseRulesTest {

  private static final String APP = "io.tidelog.app..";

  /** Fakes and child processes of tests; no product code can depend on it. */
  private static final String TESTKIT = "io.tidelog.testkit..";

  /** The packages that touch the world, so that all others can be stepped by hand. */
  private static final String[] ADAPTERS = {
    APP,
    TESTKIT,
    "io.tidelog.hot.runtime..",
    "io.tidelog.hot.disk..",
    "io.tidelog.hot.replica.net..",
    "io.tidelog.metadata.store..",
    "io.tidelog.cold.store..",
    "io.tidelog.cold.runtime..",
    "io.tidelog.gateway.net..",
    "io.tidelog.coordinator.runtime..",
  };

  private static final Pattern BANNED_NAME =
      Pattern.compile(
          ".*(Manager|Helper|Utils?|Impl|Base|Common|Processor|Info|Data)|I[A-Z][a-z].*");

  private static final Pattern SLEEP =
      Pattern.compile(
          "Thread\\.sleep\\(|TimeUnit\\.\\w+\\.sleep\\(|LockSupport\\.park(Nanos|Until)\\(");

  private static final int MAX_FILE_LINES = 500;

  /** A screen. */
  private static final int MAX_METHOD_LINES = 60;

  private static JavaClasses house;

  @BeforeAll
  static void readTheHouse() {
    house =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.tidelog");
  }

  @Test
  void everyModuleIsRead() {
    var modules =
        house.stream()
            .map(javaClass -> javaClass.getPackageName().split("\\.")[2])
            .collect(toCollection(TreeSet::new));
    assertThat(modules)
        .containsExactly(
            "app", "cold", "coordinator", "core", "delay", "gateway", "hot", "metadata", "testkit");
  }

  @Test
  void modulesLookDownAndNeverSideways() {
    check(
        layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("core")
            .definedBy("io.tidelog.core..")
            .layer("metadata")
            .definedBy("io.tidelog.metadata..")
            .layer("hot-tier")
            .definedBy("io.tidelog.hot..")
            .layer("cold-tier")
            .definedBy("io.tidelog.cold..")
            .layer("delay-queue")
            .definedBy("io.tidelog.delay..")
            .layer("coordinator")
            .definedBy("io.tidelog.coordinator..")
            .layer("gateway")
            .definedBy("io.tidelog.gateway..")
            .layer("app")
            .definedBy(APP)
            .layer("testkit")
            .definedBy(TESTKIT)
            .whereLayer("core")
            .mayNotAccessAnyLayer()
            .whereLayer("metadata")
            .mayOnlyAccessLayers("core")
            .whereLayer("hot-tier")
            .mayOnlyAccessLayers("core", "metadata")
            .whereLayer("cold-tier")
            .mayOnlyAccessLayers("core", "metadata")
            .whereLayer("delay-queue")
            .mayOnlyAccessLayers("core", "metadata")
            .whereLayer("coordinator")
            .mayOnlyAccessLayers("core", "metadata")
            .whereLayer("gateway")
            .mayOnlyAccessLayers("core", "metadata")
            .whereLayer("testkit")
            .mayOnlyAccessLayers("core")
            .whereLayer("testkit")
            .mayNotBeAccessedByAnyLayer());
  }

  @Test
  void onlyTheApiOfMetadataIsVisible() {
    check(
        noClasses()
            .that()
            // app constructs the implementation it passes to the others
            .resideOutsideOfPackages("io.tidelog.metadata..", APP)
            .should()
            .dependOnClassesThat(
                describe(
                    "are metadata's own",
                    target ->
                        isIn(target, "io.tidelog.metadata")
                            && !isIn(target, "io.tidelog.metadata.api"))));
  }

  @Test
  void coreImportsNothingButTheLanguage() {
    check(
        classes()
            .that()
            .resideInAPackage("io.tidelog.core..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.tidelog.core..", "java..", "org.jspecify.."));
  }

  /** It may pass an open channel on; it opens none. */
  @Test
  void coreOpensNoFileAndNoSocket() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.tidelog.core..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.net..", "java.nio.file.."));
  }

  /** Whoever changes a driver changes the packages named here, and no other. */
  @ParameterizedTest
  @CsvSource({
    // clients' connections, and those between replicas, which no gateway takes part in
    "io.vertx, io.tidelog.gateway.net io.tidelog.hot.replica.net io.tidelog.app",
    "io.netty, io.tidelog.gateway.net io.tidelog.gateway.wire io.tidelog.hot.replica.net"
        + " io.tidelog.metadata.store.etcd io.tidelog.app",
    "io.etcd, io.tidelog.metadata.store.etcd",
    "io.grpc, io.tidelog.metadata.store.etcd",
    "software.amazon.awssdk, io.tidelog.cold.store.s3",
    "com.github.benmanes.caffeine, io.tidelog.cold.read",
    "org.apache.kafka, io.tidelog.gateway.wire io.tidelog.gateway.handler io.tidelog.coordinator"
        + " io.tidelog.app",
    "org.jctools, io.tidelog.hot io.tidelog.app",
    "io.opentelemetry, io.tidelog.app",
    "io.prometheus, io.tidelog.app",
    "ch.qos.logback, io.tidelog.app",
    "picocli, io.tidelog.app",
  })
  void aLibraryLivesInItsOwnPackages(String library, String homes) {
    check(
        noClasses()
            .that(
                describe(
                    "live outside " + homes,
                    user -> Stream.of(homes.split(" ")).noneMatch(home -> isIn(user, home))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library + ".."));
  }

  @Test
  void aClassIsNamedForItsJob() {
    check(
        noClasses()
            .should(
                ArchCondition.from(
                    describe(
                        "be named for no job (" + BANNED_NAME + ")",
                        named -> BANNED_NAME.matcher(named.getSimpleName()).matches()))));
  }

  @Test
  void everyPackageSaysWhatLivesThere() {
    var silent = new TreeSet<String>();
    for (JavaClass javaClass : house) {
      var description = javaClass.getPackage().tryGetPackageInfo();
      if (description.isEmpty() || !description.get().isAnnotatedWith(NullMarked.class)) {
        silent.add(javaClass.getPackageName());
      }
    }
    assertThat(silent).as("packages without a @NullMarked package-info").isEmpty();
  }

  @Test
  void onlyAdaptersReadTheSystemClock() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(ADAPTERS)
            .should()
            .accessTargetWhere(
                access(
                    "read the system clock",
                    (owner, member) ->
                        switch (owner) {
                          case "java.lang.System" ->
                              Set.of("currentTimeMillis", "nanoTime").contains(member);
                          case "java.time.Clock" ->
                              member.startsWith("system") || member.startsWith("tick");
                          case "java.util.Date" -> member.equals("<init>");
                          default -> owner.startsWith("java.time.") && member.equals("now");
                        })));
  }

  /** jetcd itself keeps a lease by the wall clock, and has calls that etcd 3.4 does not answer. */
  @Test
  void etcdIsAskedOnlyWhatEveryVersionAnswersAndByOurOwnClock() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.tidelog.metadata.store.etcd..")
            .should()
            .accessTargetWhere(
                access(
                    "ask etcd for anything else",
                    (owner, member) ->
                        switch (owner) {
                          case "io.etcd.jetcd.Client" ->
                              !Set.of("getKVClient", "getLeaseClient", "getWatchClient")
                                      .contains(member)
                                  && !Set.of("builder", "close").contains(member);
                          case "io.etcd.jetcd.KV" ->
                              !Set.of("get", "txn", "compact").contains(member);
                          case "io.etcd.jetcd.Lease" ->
                              !Set.of("grant", "keepAliveOnce", "revoke").contains(member);
                          case "io.etcd.jetcd.Watch" -> !member.equals("watch");
                          default -> false;
                        })));
  }

  @Test
  void onlyAdaptersStartThreadsOrSleep() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(ADAPTERS)
            .should()
            .accessTargetWhere(
                access(
                    "start a thread, a pool or a sleep",
                    (owner, member) ->
                        switch (owner) {
                          case "java.lang.Thread" ->
                              Set.of(
                                      "<init>",
                                      "sleep",
                                      "ofPlatform",
                                      "ofVirtual",
                                      "startVirtualThread")
                                  .contains(member);
                          case "java.util.concurrent.TimeUnit" -> member.equals("sleep");
                          case "java.util.concurrent.Executors" -> true;
                          case "java.util.concurrent.ThreadPoolExecutor",
                              "java.util.concurrent.ScheduledThreadPoolExecutor",
                              "java.util.concurrent.ForkJoinPool",
                              "java.util.Timer" ->
                              member.equals("<init>") || member.equals("commonPool");
                          default -> false;
                        })));
  }

  /** A seed must be able to repeat what happened, so chance is handed in. */
  @Test
  void chanceComesFromASeed() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(APP, TESTKIT)
            .should()
            .accessTargetWhere(
                access(
                        "draw from an unseeded source",
                        (owner, member) ->
                            switch (owner) {
                              case "java.lang.Math" -> member.equals("random");
                              case "java.util.UUID" -> member.equals("randomUUID");
                              case "java.util.concurrent.ThreadLocalRandom" ->
                                  member.equals("current");
                              default -> false;
                            })
                    .or(describe("make an unseeded Random", HouseRulesTest::makesUnseededRandom))));
  }

  @Test
  void onlyAppEndsTheProcess() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(APP)
            .should()
            .accessTargetWhere(
                access(
                    "end the process",
                    (owner, member) ->
                        Set.of("java.lang.System", "java.lang.Runtime").contains(owner)
                            && Set.of("exit", "halt").contains(member))));
  }

  @Test
  void nobodyAsksForTheDefaultCharset() {
    check(
        noClasses()
            .should()
            .accessTargetWhere(
                access(
                    "ask for the default charset",
                    (owner, member) ->
                        owner.equals("java.nio.charset.Charset")
                            && member.equals("defaultCharset"))));
  }

  /** Reads sources: the tests of other modules are on nobody's class path. */
  @Test
  void noTestSleeps() throws IOException {
    var sleepers = new ArrayList<String>();
    for (Path source : sources("src/test/java")) {
      List<String> lines = Files.readAllLines(source);
      for (int i = 0; i < lines.size(); i++) {
        if (SLEEP.matcher(lines.get(i)).find()) {
          sleepers.add(source + ":" + (i + 1));
        }
      }
    }
    assertThat(sleepers).isEmpty();
  }

  @Test
  void noFileIsLongerThanFiveHundredLines() throws IOException {
    var tooLong = new ArrayList<String>();
    for (Path source : allSources()) {
      int lines = Files.readAllLines(source).size();
      if (lines > MAX_FILE_LINES) {
        tooLong.add(source + ": " + lines);
      }
    }
    assertThat(tooLong).isEmpty();
  }

  /** Parses sources: class files do not say where a method ends. */
  @Test
  void noMethodIsLongerThanAScreen() throws IOException {
    var compiler = ToolProvider.getSystemJavaCompiler();
    var tooLong = new ArrayList<String>();
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      var sources = files.getJavaFileObjectsFromPaths(allSources());
      var task = (JavacTask) compiler.getTask(null, files, null, null, null, sources);
      var positions = Trees.instance(task).getSourcePositions();
      for (var unit : task.parse()) {
        new MethodLengths(unit, positions, tooLong).scan(unit, null);
      }
    }
    assertThat(tooLong).isEmpty();
  }

  /** Collects what is too long, from the brace that opens a body to the one that closes it. */
  private static final class MethodLengths extends TreeScanner<Void, Void> {

    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final List<String> tooLong;

    MethodLengths(CompilationUnitTree unit, SourcePositions positions, List<String> tooLong) {
      this.unit = unit;
      this.positions = positions;
      this.tooLong = tooLong;
    }

    @Override
    public Void visitMethod(MethodTree method, Void nothing) {
      var body = method.getBody();
      if (body != null) {
        var lines = unit.getLineMap();
        long first = lines.getLineNumber(positions.getStartPosition(unit, body));
        long last = lines.getLineNumber(positions.getEndPosition(unit, body));
        if (last - first + 1 > MAX_METHOD_LINES) {
          tooLong.add(unit.getSourceFile().getName() + ":" + first + " " + method.getName());
        }
      }
      return super.visitMethod(method, nothing);
    }
  }

  private static List<Path> allSources() throws IOException {
    var all = new ArrayList<Path>(sources("src/main/java"));
    all.addAll(sources("src/test/java"));
    return all;
  }

  private static List<Path> sources(String folder) throws IOException {
    // Surefire starts a test in its module's directory.
    Path root = Path.of("").toAbsolutePath().getParent();
    var sources = new ArrayList<Path>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path of : modules.map(module -> module.resolve(folder)).toList()) {
        if (Files.isDirectory(of)) {
          try (Stream<Path> files = Files.walk(of)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
    }
    assertThat(sources).hasSizeGreaterThan(100);
    return sources;
  }

  private static boolean makesUnseededRandom(JavaAccess<?> access) {
    return access.getTarget() instanceof CodeUnitAccessTarget target
        && target.getName().equals(JavaConstructor.CONSTRUCTOR_NAME)
        && target.getRawParameterTypes().isEmpty()
        && target.getOwner().isAssignableTo(Random.class);
  }

  private static boolean isIn(JavaClass javaClass, String root) {
    String name = javaClass.getPackageName();
    return name.equals(root) || name.startsWith(root + ".");
  }

  private static DescribedPredicate<JavaAccess<?>> access(String description, Access forbidden) {
    return describe(
        description,
        access ->
            forbidden.matches(access.getTargetOwner().getFullName(), access.getTarget().getName()));
  }

  /** A call or a method reference, by the full name of the class and the name of its member. */
  private interface Access {
    boolean matches(String owner, String member);
  }

  /** A rule may stand before the first class it is about. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(house);
  }
}
