using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.SdBus.Native;
using static XenBalloon.Bus.SdBus.Native.LibSystemd;

namespace XenBalloon.Bus.SdBus;

/// <content>Calls to others, and answers to theirs.</content>
internal sealed unsafe partial class SdBusConnection
{
    private const string BusName = "org.freedesktop.DBus";
    private const string BusPath = "/org/freedesktop/DBus";
    private static readonly TimeSpan BusAnswersWithin = TimeSpan.FromSeconds(10);

    /// <summary>Calls a method and waits for its answer. Does not have the bus start a service that does not run.</summary>
    /// <exception cref="CallErrorException">The answer is an error.</exception>
    /// <exception cref="SdBusException">There is no answer.</exception>
    internal Message Call(string destination, string path, string interfaceName, string member, TimeSpan timeout, params ReadOnlySpan<BusValue> arguments)
    {
        using Message call = NewCall(destination, path, interfaceName, member, arguments);
        Checked.Result(sd_bus_message_set_auto_start(call, 0));
        call.AllowsQuestions = true; // whoever waits for the answer can wait for a password too
        NativeError error = default;
        int result;
        Message reply;
        using (SignalShield.Raise()) result = sd_bus_call(bus, call, Microseconds(timeout), &error, out reply);
        if (result >= 0) return reply;
        string? name = error.NameText;
        string message = error.MessageText ?? "";
        sd_bus_error_free(&error);

        // An errno of this side, for want of an answer, comes dressed up as an answer.
        throw name is null || name.StartsWith("System.Error.", StringComparison.Ordinal) ? new SdBusException(-result, member) : new CallErrorException(name, message);
    }

    /// <summary>Calls a method of the bus itself and waits for its answer.</summary>
    internal Message CallBus(string member, params ReadOnlySpan<BusValue> arguments) =>
        Call(BusName, BusPath, BusName, member, BusAnswersWithin, arguments);

    /// <summary>Asks the bus for the effective uid that someone connected with.</summary>
    internal Task<uint> GetUidAsync(string uniqueName)
    {
        using Message call = NewCall(BusName, BusPath, BusName, "GetConnectionUnixUser", [uniqueName]);
        var pending = new PendingReply<uint>(this, reply => (uint)reply.Read(BusValue.UInt32).Number);
        pending.Send(bus, call, Microseconds(BusAnswersWithin));
        return pending.Result;
    }

    /// <summary>Answers a call.</summary>
    internal static void Reply(Message call, BusValue? value)
    {
        Checked.Result(sd_bus_message_new_method_return(call, out Message reply));
        using (reply)
        {
            if (value is { } given) reply.Append(given);
            Checked.Result(sd_bus_message_send(reply));
        }
    }

    /// <summary>Answers a call with an error.</summary>
    internal static void ReplyError(Message call, string name, string message)
    {
        NativeError error = default;
        _ = sd_bus_error_set(&error, name, message);
        try
        {
            Checked.Result(sd_bus_reply_method_error(call, &error));
        }
        finally
        {
            sd_bus_error_free(&error);
        }
    }

    private Message NewCall(string destination, string path, string interfaceName, string member, ReadOnlySpan<BusValue> arguments)
    {
        Checked.Result(sd_bus_message_new_method_call(bus, out Message call, destination, path, interfaceName, member));
        foreach (BusValue argument in arguments) call.Append(argument);
        return call;
    }

    private static ulong Microseconds(TimeSpan time) => (ulong)time.TotalMicroseconds;
}
