using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using XenBalloon.Bus.Generator;

namespace XenBalloon.Bus.Tests;

/// <summary>The code generated from interface descriptions, and the errors for invalid ones.</summary>
internal sealed class GeneratorTests
{
    private const string Path = "/src/init/dbus/org.example.Thing.xml";

    private const string Record = """
        namespace Example;
        [XenBalloon.Bus.Interfaces.BusInterface("org.example.Thing")]
        public sealed partial record ThingStatus;
        """;

    private const string Size = """
        <!-- The size
             now. -->
        <property name="Size" type="t" access="read">
          <annotation name="org.xenballoon.Unit" value="KiB, 0 if unknown"/>
        </property>
        """;

    private const string None = """<annotation name="org.xenballoon.PolkitAction" value="none"/>""";

    [Test]
    public void Property_becomes_a_documented_property_of_the_record()
    {
        (string source, ImmutableArray<Diagnostic> diagnostics) = Generate(Description(Size));

        Assert.That(diagnostics, Is.Empty);
        Assert.That(
            source,
            Does.Contain("/// <summary>The size now.</summary>\n    public required KiB? Size { get; init; }"));
    }

    [Test]
    public void Constant_property_is_not_announced()
    {
        const string Constant =
            """<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="const"/>""";
        string constant = Size.Replace("<annotation", Constant + "<annotation", StringComparison.Ordinal);
        string other = """<!-- Its name. --><property name="Name" type="s" access="read"/>""";

        string source = Generate(Description(constant + other)).Source;

        Assert.That(
            source,
            Does.Contain("BusValue.AreSame(Name, before.Name)").And.Not.Contain("BusValue.AreSame(Size, before.Size)"));
    }

    [Test]
    public void Introspection_data_has_no_comments()
    {
        string source = Generate(Description(Size)).Source;

        int introspection = source.IndexOf("Introspection = Encode", StringComparison.Ordinal);
        Assert.That(source[introspection..], Does.Not.Contain("<!--"));
    }

    [TestCase(
        """<property name="Size" type="t" access="read"/>""",
        "<property name='Size'>: no comment before it",
        3)]
    [TestCase("""<!-- x --><property type="t" access="read"/>""", "<property name=''>: no attribute 'name'", 3)]
    [TestCase(
        "<!-- x -->\n<property name=\"Size\" type=\"t\" access=\"read\"/>",
        "<property name='Size'>: no C# type for type 't' without a unit: expected one of s; o; b; u; t (KiB)",
        4)]
    [TestCase(
        """<!-- x --><property name="Size" type="d" access="read"/>""",
        "no C# type for type 'd' without a unit",
        3)]
    [TestCase(
        """<!-- x --><property name="Size" type="s" access="readwrite"/>""",
        "<property name='Size'>: expected access 'read': use methods for changes",
        3)]
    [TestCase(
        """<!-- x --><method name="M"><arg name="a" type="s"/></method>""",
        "<method name='M'>: no annotation org.xenballoon.PolkitAction: expected a polkit action, or none",
        3)]
    [TestCase(
        $"""<!-- x --><method name="M">{None}<arg type="s"/></method>""",
        "<arg name=''>: no attribute 'name'",
        3)]
    [TestCase(
        $"""<!-- x --><method name="M">{None}<arg name="a" type="s" direction="out"/></method>""",
        "<method name='M'>: expected no output, or one object path or list of strings",
        3)]
    [TestCase("<unclosed>", "The 'unclosed' start tag", 4)]
    public void Invalid_description_is_an_error_at_its_line(string member, string message, int line)
    {
        Diagnostic error = Generate(Description(member)).Diagnostics.Single();

        Assert.That((error.Id, error.Severity), Is.EqualTo(("XB0001", DiagnosticSeverity.Error)));
        Assert.That(error.GetMessage(null), Does.Contain(message));
        FileLinePositionSpan location = error.Location.GetLineSpan();
        Assert.That((location.Path, location.StartLinePosition.Line + 1), Is.EqualTo((Path, line)));
    }

    [Test]
    public void Interface_without_a_description_is_an_error()
    {
        string other = Description(Size).Replace("org.example.Thing", "org.example.Other", StringComparison.Ordinal);
        Diagnostic error = Generate(other).Diagnostics.Single();

        Assert.That(error.Id, Is.EqualTo("XB0002"));
        Assert.That(
            error.GetMessage(null),
            Is.EqualTo("No file describes interface org.example.Thing: add it to init/dbus, or correct the name"));
    }

    [Test]
    public void Unrelated_change_does_not_regenerate_code()
    {
        var compilation = Compile();
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new BusInterfaceGenerator().AsSourceGenerator()],
            [new Text(Path, Description(Size))],
            driverOptions: new GeneratorDriverOptions(
                IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        driver = driver.RunGenerators(compilation);

        SyntaxTree unrelated = CSharpSyntaxTree.ParseText("namespace Example; class Other;");
        driver = driver.RunGenerators(compilation.AddSyntaxTrees(unrelated));

        IEnumerable<IncrementalStepRunReason> reasons =
            from steps in driver.GetRunResult().Results.Single().TrackedOutputSteps.Values
            from step in steps
            from output in step.Outputs
            select output.Reason;
        Assert.That(
            reasons,
            Is.All.EqualTo(IncrementalStepRunReason.Cached).Or.EqualTo(IncrementalStepRunReason.Unchanged));
    }

    private static CSharpCompilation Compile() => CSharpCompilation.Create(
        "test",
        [CSharpSyntaxTree.ParseText(Record)],
        [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)]);

    private static string Description(string members) =>
        $"<?xml version=\"1.0\"?>\n<node><interface name=\"org.example.Thing\">\n{members}\n</interface></node>";

    private static (string Source, ImmutableArray<Diagnostic> Diagnostics) Generate(string description)
    {
        GeneratorDriver driver = CSharpGeneratorDriver.Create(new BusInterfaceGenerator())
            .AddAdditionalTexts([new Text(Path, description)]);
        GeneratorRunResult result = driver.RunGenerators(Compile()).GetRunResult().Results.Single();
        Assert.That(result.Exception, Is.Null);
        GeneratedSourceResult thing =
            result.GeneratedSources.FirstOrDefault(source => source.HintName == "ThingStatus.g.cs");
        return (thing.SourceText?.ToString() ?? "", result.Diagnostics);
    }

    private sealed class Text(string path, string content) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(content);
    }
}
