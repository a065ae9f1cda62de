using System.Diagnostics;
using System.Text;

namespace XenBalloon.Testing;

/// <summary>
/// <c>dbus-monitor</c> of a user without rights: the signals of our objects, as any program may ask for them. busctl's
/// monitor requires root.
/// </summary>
public sealed class NobodysListener : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder heard = new();

    /// <summary>Starts to listen.</summary>
    public NobodysListener(PrivateBus bus)
    {
        process = Process.Start(new ProcessStartInfo(
            "setpriv",
            [
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "stdbuf",
                "-oL",
                "dbus-monitor",
                "--address",
                bus.Address,
                "type='signal',path_namespace='/org/xenballoon'",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        WaitFor("NameAcquired");
    }

    private string Heard
    {
        get
        {
            lock (heard) return heard.ToString();
        }
    }

    /// <summary>Waits until something of this text has been heard.</summary>
    public void WaitFor(string text) => Eventually.Holds(
        () => Heard.Contains(text, StringComparison.Ordinal), () => $"no {text}: {Heard}");

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private void Append(string? line)
    {
        lock (heard) heard.AppendLine(line);
    }
}
