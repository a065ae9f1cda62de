using System.Diagnostics;
using System.Text.RegularExpressions;
using XenBalloon.Testing;

namespace XenBalloon.Architecture.Tests;

/// <summary>The form of the source files: formatting, line length, and where a file lives.</summary>
public sealed partial class SourceTests
{
    private const int Columns = 120;
    private const int Tab = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    private static IEnumerable<string> Tracked
    {
        get
        {
            // The tests may run as root in another user's clone.
            (int status, string output) = Run("git", "-c", "safe.directory=*", "ls-files");
            Assert.That(status, Is.Zero, output);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(file => File.Exists(Path.Combine(Repository.Root, file)));
        }
    }

    /// <summary>The C# files: their paths, the names of their project and folders, and their text.</summary>
    private static IEnumerable<(string File, string[] Folders, string Text)> ProjectFiles =>
        from file in Tracked
        where file.EndsWith(".cs", StringComparison.Ordinal)
        select (file, file.Split('/')[1..^1], Read(file));

    [Test]
    public void No_line_is_longer_than_120_columns() =>
        ExpectNone(
            from file in Tracked
            where Path.GetExtension(file) is ".cs" or ".c" or ".h" or ".sh" or ".bash" or ""
            from line in Read(file).Split('\n').Select((text, index) => (Number: index + 1, Width: Width(text)))
            where line.Width > Columns
            select $"{file}:{line.Number}: {line.Width} columns");

    [Test]
    public void Namespace_is_project_and_folder() =>
        ExpectNone(
            from source in ProjectFiles
            let expected = string.Join('.', source.Folders)
            let actual = NamespaceLine().Match(source.Text).Groups[1].Value
            where actual != expected
            // Programs of top-level statements and attributes of an assembly have no namespace.
            where actual.Length > 0 || TypeLine().IsMatch(source.Text)
            // Types that the compiler looks for by name.
            where !actual.StartsWith("System.", StringComparison.Ordinal)
            select $"{source.File}: namespace '{actual}', expected '{expected}'");

    [Test]
    public void Projects_have_one_level_of_folders() =>
        ExpectNone(ProjectFiles.Where(source => source.Folders.Length > 2).Select(source => source.File));

    [Test]
    public void Code_is_formatted_as_dotnet_format_does()
    {
        // The rest of dotnet format, style and analyzers, are errors of the build.
        (int status, string output) = Run(
            "dotnet", "format", "whitespace", "XenBalloon.sln", "--verify-no-changes", "--no-restore");
        Assert.That(status, Is.Zero, output);
    }

    [Test]
    public void C_code_is_formatted_as_clang_format_does()
    {
        string[] files = [.. Tracked.Where(file => Path.GetExtension(file) is ".c" or ".h")];
        Assert.That(files, Is.Not.Empty);

        (int status, string output) = Run("clang-format", ["--dry-run", "-Werror", .. files]);
        Assert.That(status, Is.Zero, output);
    }

    private static void ExpectNone(IEnumerable<string> problems)
    {
        string[] all = [.. problems];
        Assert.That(all, Is.Empty, string.Join('\n', all));
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, file));

    private static int Width(string line)
    {
        int width = 0;
        foreach (var character in line.EnumerateRunes())
        {
            width += character.Value == '\t' ? Tab - width % Tab : 1;
        }

        return width;
    }

    private static (int Status, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end within {Limit}");
        }

        return (process.ExitCode, output.Result + error.Result);
    }

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^[a-z ]*\b(class|struct|record|enum|interface|delegate) \w+", RegexOptions.Multiline)]
    private static partial Regex TypeLine();
}
