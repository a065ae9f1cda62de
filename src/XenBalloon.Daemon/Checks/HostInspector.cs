using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using XenBalloon.Bus;
using XenBalloon.Bus.Client;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Hosts;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Dom0;
using XenBalloon.Daemon.State;
using XenBalloon.Posix;
using XenBalloon.Xen;
using XenBalloon.Xen.Native;

namespace XenBalloon.Daemon.Checks;

/// <summary>
/// Reads this host for the checks. Writes nothing and takes no lock, so a daemon may run meanwhile; what cannot be read
/// hides nothing else.
/// </summary>
/// <param name="configurationPath">The configuration file.</param>
/// <param name="stateDirectory">The directory of the state file; null for none.</param>
internal sealed class HostInspector(string configurationPath, string? stateDirectory)
{
    private const string
        Processes = "/proc",
        BusPolicy = "dbus-1/system.d/org.xenballoon.Balloon1.conf",
        XendomainsDropIn = "systemd/system/xendomains.service.d/xenballoon.conf",
        LibvirtConfiguration = "/etc/libvirt/libxl.conf",
        LibvirtHook = "/etc/libvirt/hooks/libxl.d/xenballoon",
        Wrapper = "/xenballoon/xl/xl",
        UsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly string[]
        PolicyDirectories = ["/usr/share", "/usr/local/share", "/etc"],
        UnitDirectories = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"];

    /// <summary>Reads everything.</summary>
    internal HostFacts Inspect()
    {
        (DaemonConfiguration configuration, ConfigurationException? fault) = ReadConfiguration();
        XenParts parts = XenParts.Probe(new XenHostOptions());
        using XenHost? host = Open(parts, out string? openFault);
        return new HostFacts
        {
            ConfigurationPath = configurationPath,
            Configuration = configuration,
            ConfigurationFault = fault,
            UserId = Libc.EffectiveUserId(),
            Xen = parts,
            Domains = host is null ? DomainFacts.None with { Fault = openFault } : ReadDomains(host),
            Bus = ReadBus(),
            State = ReadState(),
            Dom0 = Dom0Facts.Read(host),
            Toolstack = ReadToolstack(),
            Programs = ReadPrograms(),
        };
    }

    private (DaemonConfiguration Read, ConfigurationException? Fault) ReadConfiguration()
    {
        try
        {
            return (ConfigurationReader.Read(configurationPath), null);
        }
        catch (ConfigurationException fault)
        {
            return (new DaemonConfiguration(), fault);
        }
    }

    /// <summary>Null if a part of Xen has failed, or if it fails now; only then there is a fault.</summary>
    private static XenHost? Open(XenParts parts, out string? fault)
    {
        fault = null;
        bool works = parts is { Xen.Failure: null, Hypervisor: { Failure: null }, Store.Failure: null };
        if (!works) return null;
        try
        {
            return XenHost.Open(new XenHostOptions(), TimeProvider.System);
        }
        catch (Exception exception) when (exception is XenUnavailableException or HostLostException)
        {
            fault = exception.Message;
            return null;
        }
    }

    private static DomainFacts ReadDomains(XenHost host)
    {
        try
        {
            HostSnapshot snapshot = host.Observe();
            IEnumerable<int> domids = snapshot.Domains.Select(domain => domain.Identity.Domid);
            return new DomainFacts(snapshot, null, [.. domids.Where(host.HasXenServerNode)]);
        }
        catch (HostLostException exception)
        {
            return DomainFacts.None with { Fault = exception.Message };
        }
    }

    private static BusFacts ReadBus()
    {
        bool hasPolicy = PolicyDirectories.Any(directory => File.Exists(Path.Combine(directory, BusPolicy)));
        try
        {
            using BalloonClient client = BalloonClient.Connect();
            return new BusFacts(null, ReadDaemon(client), hasPolicy);
        }
        catch (ControlException exception)
        {
            return new BusFacts(exception.Message, null, hasPolicy);
        }
    }

    private static DaemonFacts? ReadDaemon(BalloonClient client)
    {
        try
        {
            HostStatus status = client.Read();
            return new DaemonFacts(
                status.Version,
                status.Mode,
                status.ModeReason,
                status.Alarm,
                status.Domains.ToImmutableDictionary(domain => (int)domain.Domid, domain => domain.ReportVerdict));
        }
        catch (ControlException)
        {
            return null; // it does not run
        }
    }

    private StateFacts ReadState()
    {
        string directory = stateDirectory ?? "";
        if (!Directory.Exists(directory)) return new StateFacts(directory, Exists: false, null, null);
        string? writeFault = Libc.Access(directory, Libc.AccessWrite) == 0
            ? null
            : Marshal.GetLastPInvokeErrorMessage();
        string? fileFault = new StateStore(directory, NullLogger<StateStore>.Instance).FindFault();
        return new StateFacts(directory, Exists: true, writeFault, fileFault);
    }

    private static ToolstackFacts ReadToolstack()
    {
        string[] path = [.. $"{Environment.GetEnvironmentVariable("PATH")}:{UsualPath}".Split(':')];
        string? xl = path.Where(Path.IsPathRooted).Select(directory => Path.Combine(directory, "xl"))
            .FirstOrDefault(File.Exists);
        return new ToolstackFacts(
            xl,
            xl is not null && FinalTarget(xl).EndsWith(Wrapper, StringComparison.Ordinal),
            UnitDirectories.Any(directory => File.Exists(Path.Combine(directory, XendomainsDropIn))),
            ReadOrNull(LibvirtConfiguration),
            File.Exists(LibvirtHook));
    }

    private static string FinalTarget(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            return path;
        }
    }

    private static ImmutableArray<(int Pid, string Name)> ReadPrograms()
    {
        ImmutableArray<(int Pid, string Name)>.Builder programs = ImmutableArray.CreateBuilder<(int, string)>();
        if (!Directory.Exists(Processes)) return [];
        foreach (string directory in Directory.EnumerateDirectories(Processes))
        {
            string name = Path.GetFileName(directory);
            bool isProcess = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int pid);
            if (!isProcess || pid == Environment.ProcessId) continue;
            if (ReadOrNull(Path.Combine(directory, "cmdline")) is not { } line) continue;
            if (ProgramNames.Of(line) is { } program) programs.Add((pid, program));
        }

        return programs.DrainToImmutable();
    }

    private static string? ReadOrNull(string path)
    {
        try
        {
            return SmallFile.ReadText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>Finds out which program a process runs.</summary>
internal static class ProgramNames
{
    private static readonly string[] Interpreters = ["python", "perl", "sh", "bash"];

    /// <summary>
    /// The name of the program, or of the script if it is an interpreter; null for a thread of the kernel.
    /// </summary>
    /// <param name="commandLine">The arguments as <c>/proc/PID/cmdline</c> has them, each ended by a NUL.</param>
    internal static string? Of(string commandLine)
    {
        string[] arguments = commandLine.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        if (arguments.Length == 0) return null;
        string program = Path.GetFileName(arguments[0]);
        if (!Interpreters.Contains(program.TrimEnd("0123456789.".ToCharArray()))) return program;
        string? script = arguments.Skip(1).FirstOrDefault(argument => !argument.StartsWith('-'));
        return script is null ? program : Path.GetFileName(script);
    }
}
