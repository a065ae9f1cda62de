using XenBalloon.Posix;
using XenBalloon.Xen;

namespace XenBalloon.Daemon.Dom0;

/// <summary>What decides whether xl shrinks dom0 to start a domain.</summary>
/// <param name="XenCommandLine">Xen's command line; null if it cannot be read.</param>
/// <param name="XenVersion">The version of Xen, which is xl's; null if it cannot be read.</param>
/// <param name="XlConfiguration">
/// The text of <c>/etc/xen/xl.conf</c>; null if it cannot be read, as xl then uses its defaults.
/// </param>
internal sealed record Dom0Facts(string? XenCommandLine, Version? XenVersion, string? XlConfiguration)
{
    /// <summary>xl's own configuration.</summary>
    internal const string XlConfigurationPath = "/etc/xen/xl.conf";

    private const int MaxXlConfigurationBytes = 1 << 20;

    /// <summary>Nothing is known.</summary>
    internal static Dom0Facts Unknown { get; } = new(null, null, null);

    /// <summary>Reads them on this host.</summary>
    /// <param name="host">The host; null if it cannot be opened.</param>
    internal static Dom0Facts Read(XenHost? host) =>
        new(CommandLineOf(host), XenParts.RunningVersion(new XenHostOptions()), Text(XlConfigurationPath));

    /// <summary>Only the hypervisor knows its command line.</summary>
    private static string? CommandLineOf(XenHost? host) => host?.CommandLine;

    /// <summary>The text of a configuration of xl's; null if it cannot be read.</summary>
    internal static string? Text(string path)
    {
        try
        {
            using var text = new StreamReader(new MemoryStream(SmallFile.Read(path, MaxXlConfigurationBytes)));
            return text.ReadToEnd();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>Whether a toolstack shrinks dom0 to start a domain.</summary>
internal enum AutoballoonState
{
    /// <summary>It does not.</summary>
    Off,

    /// <summary>It does if too little memory is free.</summary>
    On,

    /// <summary>It cannot be found out.</summary>
    Unknown,
}

/// <summary>
/// xl's rule: with autoballoon, xl shrinks dom0 down to 128 MiB until there is enough free memory for the domain that
/// it starts. It counts what is free by itself and does not know what is reserved or on its way to a domain.
/// </summary>
/// <param name="State">Whether xl shrinks dom0.</param>
/// <param name="Cause">What it follows from.</param>
internal sealed record Autoballoon(AutoballoonState State, string Cause)
{
    /// <summary>What turns it off.</summary>
    internal const string Remedy = "add dom0_mem=SIZE,max:SIZE to Xen's command line, or set autoballoon=\"off\" in "
        + Dom0Facts.XlConfigurationPath;

    private const string Key = "autoballoon";

    /// <summary>Why mode active is refused, and what to do; null if it is not refused.</summary>
    internal string? Refusal => State == AutoballoonState.On
        ? $"mode active is refused, since xl may shrink dom0 while memory is balanced ({Cause}): {Remedy}; "
            + "or accept it with allow-autoballoon = yes in [host]"
        : null;

    /// <summary>Applies the rule.</summary>
    internal static Autoballoon Of(Dom0Facts facts)
    {
        XlConfiguration configuration = XlConfiguration.Parse(facts.XlConfiguration ?? "");
        if (configuration.Fault is { } fault)
        {
            return new(AutoballoonState.Unknown, $"xl cannot read {Dom0Facts.XlConfigurationPath}, {fault}");
        }

        string? value = configuration.Find(Key);
        string cause = $"{Key}=\"{value}\" in {Dom0Facts.XlConfigurationPath}";
        return value switch
        {
            "on" or "1" => new(AutoballoonState.On, cause),
            "off" or "0" => new(AutoballoonState.Off, cause),
            _ => Automatic(facts),
        };
    }

    /// <summary>The value of <c>autoballoon</c> in xl's configuration, if xl does not know it.</summary>
    internal static string? UnknownValue(XlConfiguration configuration) =>
        configuration.Find(Key) is { } value and not ("on" or "off" or "auto" or "0" or "1") ? value : null;

    private static Autoballoon Automatic(Dom0Facts facts)
    {
        if (facts.XenCommandLine is not { } commandLine)
        {
            return new(AutoballoonState.Unknown, "Xen's command line cannot be read");
        }

        string? word = DomainZeroMemory.Words(commandLine).FirstOrDefault();
        if (word is null) return new(AutoballoonState.On, "no dom0_mem on Xen's command line");
        return DomainZeroMemory.IsKnownToXl(commandLine, facts.XenVersion)
            ? new(AutoballoonState.Off, $"{word} on Xen's command line")
            : new(AutoballoonState.On, $"xl does not understand {word} on Xen's command line");
    }
}
