using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.SdBus.Native;

namespace XenBalloon.Bus.SdBus;

/// <summary>
/// Where sd-bus enters. An exception that left one of these would abort the process, so each is total: whatever goes wrong becomes the error of that
/// one call. The user data is a <see cref="GCHandle"/>.
/// </summary>
internal static unsafe class Callbacks
{
    private const int Handled = 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int OnMethod(nint message, nint userdata, NativeError* error)
    {
        try
        {
            Object(userdata).Invoke(Message.Keep(message));
            return Handled;
        }
        catch (Exception exception)
        {
            return Fail(error, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int OnGetProperty(nint bus, byte* path, byte* interfaceName, byte* property, nint reply, nint userdata, NativeError* error)
    {
        try
        {
            using Message message = Message.Borrow(reply);
            Object(userdata).AppendProperty(property, message);
            return Handled;
        }
        catch (Exception exception)
        {
            return Fail(error, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int OnReply(nint message, nint userdata, NativeError* error)
    {
        try
        {
            using Message reply = Message.Borrow(message);
            ((PendingReply)GCHandle.FromIntPtr(userdata).Target!).Complete(reply);
            return Handled;
        }
        catch (Exception exception)
        {
            return Fail(error, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int OnNameLost(nint track, nint userdata)
    {
        try
        {
            ((NameTrack)GCHandle.FromIntPtr(userdata).Target!).OnLost();
            return Handled;
        }
        catch (Exception)
        {
            // Nobody called who could be told.
            return -Errno.InputOutput;
        }
    }

    private static ExportedObject Object(nint userdata) => (ExportedObject)GCHandle.FromIntPtr(userdata).Target!;

    private static int Fail(NativeError* error, Exception exception)
    {
        // Even the text of an exception may be what cannot be made (no memory): then the bare errno must do.
        try
        {
            return LibSystemd.sd_bus_error_set(error, (exception as MethodErrorException)?.Name ?? ErrorNames.Failed, exception.Message);
        }
        catch (Exception)
        {
            return -Errno.InputOutput;
        }
    }
}
