using System.Globalization;
using XenBalloon.Bus.Definitions;

namespace XenBalloon.Bus.Objects;

/// <summary>Reads the options of Manager.Reserve; one that is not known is refused, for whoever gives it counts on it.</summary>
internal static class ReserveOptions
{
    private const string Known = "there are timeout (u or t, in s), persistent (b) and for (s, a name or UUID)";

    private const ulong LongestSeconds = 10 * 365 * 24 * 3600UL;

    /// <summary>Reads the call's arguments.</summary>
    /// <exception cref="MethodErrorException">Something in them cannot be meant.</exception>
    internal static ReservationOrder Read(IMethodCall call)
    {
        var order = new ReservationOrder(Sizes.FromBus(call.Arguments[0]), Sizes.FromBus(call.Arguments[1]), call.Caller, Persistent: false, Within: null, For: "");
        foreach ((string name, BusValue value) in call.Arguments[2].Entries)
        {
            order = (name, value.Type) switch
            {
                ("timeout", BusValue.UInt32 or BusValue.UInt64) => order with { Within = Time(value.Number) },
                ("persistent", BusValue.Boolean) => order with { Persistent = value.Number != 0 },
                ("for", BusValue.String) => order with { For = value.AsText() },
                _ => throw new MethodErrorException(ErrorNames.InvalidArgument, $"there is no option '{name}' of type '{value.Type}': {Known}"),
            };
        }

        return order;
    }

    private static TimeSpan Time(ulong seconds) => seconds <= LongestSeconds
        ? TimeSpan.FromSeconds(seconds)
        : throw new MethodErrorException(
            ErrorNames.InvalidArgument, string.Create(CultureInfo.InvariantCulture, $"a timeout of {seconds} s is more than ten years: leave it out to wait for ever"));
}
