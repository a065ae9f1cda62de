using System.Diagnostics;

namespace XenBalloon.Bus.Tests.OnPrivateBus;

/// <summary>A dbus-daemon of our own, that lives as long as this object. Its directory may be entered by any user.</summary>
public sealed class PrivateBus : IDisposable
{
    /// <summary>Lets everyone do everything.</summary>
    public const string OpenPolicy =
        """<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/></policy>""";

    /// <summary>As the system bus: forbids what nobody allows. What a service ships comes after it.</summary>
    public const string SystemPolicy = """
        <policy context="default">
          <allow user="*"/>
          <deny own="*"/>
          <deny send_type="method_call"/>
          <allow send_type="signal"/>
          <allow send_requested_reply="true" send_type="method_return"/>
          <allow send_requested_reply="true" send_type="error"/>
          <allow receive_type="method_call"/>
          <allow receive_type="method_return"/>
          <allow receive_type="error"/>
          <allow receive_type="signal"/>
          <allow send_destination="org.freedesktop.DBus"/>
        </policy>
        """;

    private readonly DirectoryInfo directory = System.IO.Directory.CreateTempSubdirectory("xenballoon-bus-");
    private readonly Process daemon;

    /// <summary>Starts it.</summary>
    /// <param name="policy">What goes between the <c>busconfig</c> tags of its configuration, besides where it listens.</param>
    public PrivateBus(string policy = OpenPolicy)
    {
        File.SetUnixFileMode(directory.FullName, (UnixFileMode)0b111_101_101);
        Address = $"unix:path={Path.Combine(directory.FullName, "bus")}";
        string configuration = Path.Combine(directory.FullName, "bus.conf");
        File.WriteAllText(configuration, $"<busconfig><listen>{Address}</listen><auth>EXTERNAL</auth>{policy}</busconfig>");
        daemon = Process.Start(new ProcessStartInfo("dbus-daemon", ["--nofork", "--nopidfile", "--print-address", $"--config-file={configuration}"])
        {
            RedirectStandardOutput = true,
        })!;
        if (daemon.StandardOutput.ReadLine() is null) throw new InvalidOperationException("dbus-daemon did not start; what it said is above");
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>Its directory, for files that any user of it may read.</summary>
    public string Directory => directory.FullName;

    /// <summary>Ends it, as a crash would.</summary>
    public void Kill()
    {
        daemon.Kill();
        daemon.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        daemon.Dispose();
        directory.Delete(recursive: true);
    }
}
