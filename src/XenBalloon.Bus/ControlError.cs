using System.Collections.Immutable;

namespace XenBalloon.Bus;

/// <summary>
/// Why a request was not carried out. <see cref="ControlErrors"/> says how each is named on the bus and by exit status.
/// </summary>
public enum ControlError
{
    /// <summary>Something else; the message says what.</summary>
    Failed,

    /// <summary>An argument is invalid.</summary>
    InvalidArgument,

    /// <summary>There is no such domain, or no longer.</summary>
    NoSuchDomain,

    /// <summary>There is no such reservation, or no longer.</summary>
    NoSuchReservation,

    /// <summary>There is not enough memory, or it is not free in time.</summary>
    NotEnoughMemory,

    /// <summary>Domains that could give the memory do not.</summary>
    DomainsRefused,

    /// <summary>A size is below a domain's minimum.</summary>
    BelowMinimum,

    /// <summary>The reservation's memory is not free yet.</summary>
    NotReady,

    /// <summary>The caller may not do this.</summary>
    AccessDenied,

    /// <summary>The daemon does not run, or there is no bus to reach it by.</summary>
    Unreachable,
}

/// <summary>
/// The one table of errors: an error, its D-Bus name, and the exit status of a command that ends with it.
/// </summary>
public static class ControlErrors
{
    private const string Prefix = "org.xenballoon.Balloon1.Error.";

    private static readonly ImmutableArray<(ControlError Error, string Name, int ExitStatus)> Table =
    [
        (ControlError.Failed, Prefix + nameof(ControlError.Failed), 1),
        (ControlError.InvalidArgument, Prefix + nameof(ControlError.InvalidArgument), 1),
        (ControlError.NoSuchDomain, Prefix + nameof(ControlError.NoSuchDomain), 4),
        (ControlError.NoSuchReservation, Prefix + nameof(ControlError.NoSuchReservation), 1),
        (ControlError.NotEnoughMemory, Prefix + nameof(ControlError.NotEnoughMemory), 6),
        (ControlError.DomainsRefused, Prefix + nameof(ControlError.DomainsRefused), 6),
        (ControlError.BelowMinimum, Prefix + nameof(ControlError.BelowMinimum), 1),
        (ControlError.NotReady, Prefix + nameof(ControlError.NotReady), 1),
        (ControlError.AccessDenied, "org.freedesktop.DBus.Error.AccessDenied", 1),
        (ControlError.Unreachable, "org.freedesktop.DBus.Error.ServiceUnknown", 3),
    ];

    /// <summary>The error's name on the bus.</summary>
    public static string BusName(this ControlError error) => Table[(int)error].Name;

    /// <summary>The exit status of a command that ends with this error.</summary>
    public static int ExitStatus(this ControlError error) => Table[(int)error].ExitStatus;

    /// <summary>
    /// The error of that name on the bus; <see cref="ControlError.Failed"/> for a name that is not ours.
    /// </summary>
    internal static ControlError Of(string busName) => Table.FirstOrDefault(row => row.Name == busName).Error;
}
