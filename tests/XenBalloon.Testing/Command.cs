using System.Diagnostics;

namespace XenBalloon.Testing;

/// <summary>A program that was run to its end.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
public sealed record Command(int Status, string Output, string Error)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program, without standard input.</summary>
    public static Command Run(
        string program,
        IReadOnlyCollection<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill();
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} ran for more than {Limit}");
        }

        return new Command(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Runs a program as nobody, which requires root.</summary>
    public static Command RunAsNobody(
        string program,
        IReadOnlyCollection<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Fail("this test runs a command as another user: run the tests as root");
        }

        return Run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", program, .. arguments], environment);
    }
}
