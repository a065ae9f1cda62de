using System.Reflection;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.NUnit;
using XenBalloon.Testing;
using Assembly = System.Reflection.Assembly;

namespace XenBalloon.Architecture.Tests;

/// <summary>Which code may use which: between the projects, and between the namespaces of a project.</summary>
public sealed class DependencyTests
{
    private const BindingFlags AllMethods = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static
        | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>The names of the assemblies that the projects in src build.</summary>
    private static IEnumerable<string> Assemblies =>
        from folder in Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"))
        from project in Directory.EnumerateFiles(folder, "*.csproj")
        orderby project
        select XDocument.Load(project).Descendants("AssemblyName").SingleOrDefault()?.Value
            ?? Path.GetFileNameWithoutExtension(project);

    [TestCaseSource(nameof(Assemblies))]
    public void Namespaces_form_no_cycles(string assembly) =>
        SliceRuleDefinition.Slices().Matching("XenBalloon.(**)").Should().BeFreeOfCycles().Check(Load(assembly));

    // The slices see only what the dependency model contains, so an empty model would pass.
    [TestCaseSource(nameof(Assemblies))]
    public void Dependency_model_contains_the_types_of_the_assembly(string assembly)
    {
        IEnumerable<string> declared = Assembly.Load(assembly).GetTypes()
            .Where(type => !type.IsNested && !type.Name.Contains('<') && type.Namespace is not null)
            .Select(type => type.FullName!)
            .Where(name => name.StartsWith("XenBalloon.", StringComparison.Ordinal));

        Assert.That(Load(assembly).Types.Select(type => type.FullName), Is.SupersetOf(declared));
    }

    [TestCase("XenBalloon.Core")]
    [TestCase("XenBalloon.Posix")]
    [TestCase("XenBalloon.Bus.Generator")]
    public void Bottom_layer_references_no_other_project(string assembly) =>
        Assert.That(References(assembly), Has.None.StartWith("XenBalloon").And.None.StartWith("xenballoon"));

    [TestCase("xenballoond", "xenballoon-simulate")]
    [TestCase("xenballoond", "xenballoon")]
    [TestCase("xenballoon", "xenballoon-simulate")]
    [TestCase("xenballoon", "xenballoond")]
    [TestCase("xenballoon", "XenBalloon.Xen")]
    [TestCase("xenballoon-simulate", "XenBalloon.Xen")]
    [TestCase("xenballoon-simulate", "XenBalloon.Bus")]
    [TestCase("XenBalloon.Bus", "XenBalloon.Xen")]
    [TestCase("XenBalloon.Xen", "XenBalloon.Bus")]
    public void Project_does_not_reference(string assembly, string other) =>
        Assert.That(References(assembly), Has.None.EqualTo(other));

    /// <summary>The policy reads no clock, file or socket, so a simulation decides as a dom0 does.</summary>
    [Test]
    public void Core_uses_no_files_network_or_threads()
    {
        string[] allowed =
        [
            // The port to the host waits for changes; its implementations are elsewhere.
            "XenBalloon.Core.Hosts.IXenHost -> System.Threading.CancellationToken",
            "XenBalloon.Core.Hosts.IXenHost -> System.Threading.Tasks.Task",
            // Compares a name with a pattern, and touches no file.
            "XenBalloon.Core.Settings.DomainRule -> System.IO.Enumeration.FileSystemName",
        ];
        string[] used =
        [
            .. from type in Load("XenBalloon.Core").Types
               from dependency in type.Dependencies
               let target = dependency.Target.FullName
               where target.StartsWith("System.IO.", StringComparison.Ordinal)
                   || target.StartsWith("System.Net.", StringComparison.Ordinal)
                   || target.StartsWith("System.Threading.", StringComparison.Ordinal)
               select $"{type.FullName} -> {target}",
        ];

        Assert.That(used.Except(allowed), Is.Empty);
    }

    [Test]
    public void Only_Posix_imports_libc()
    {
        IEnumerable<string> importing = Assemblies.Where(assembly => Assembly.Load(assembly).GetTypes()
            .SelectMany(type => type.GetMethods(AllMethods))
            .Any(method => method.GetCustomAttribute<DllImportAttribute>()?.Value is "libc" or "libc.so.6"));

        Assert.That(importing, Is.EqualTo(new[] { "XenBalloon.Posix" }));
    }

    private static ArchUnitNET.Domain.Architecture Load(string assembly) =>
        new ArchLoader().LoadAssembly(Assembly.Load(assembly)).Build();

    private static IEnumerable<string?> References(string assembly) =>
        Assembly.Load(assembly).GetReferencedAssemblies().Select(reference => reference.Name);
}
