using System.Runtime.InteropServices;
using XenBalloon.Bus.SdBus.Native;
using static XenBalloon.Bus.SdBus.Native.LibSystemd;

namespace XenBalloon.Bus.SdBus;

/// <summary>
/// An <c>sd_bus_message</c>. Its reference count is not atomic: messages are used, and must be disposed of, on the thread of their bus.
/// </summary>
internal sealed unsafe partial class Message : SafeHandle
{
    /// <summary>For the marshaller, which fills it in.</summary>
    public Message()
        : base(0, ownsHandle: true)
    {
    }

    private Message(nint message, bool owned)
        : base(0, owned) => SetHandle(message);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The name of the method or signal.</summary>
    internal string Member => Marshal.PtrToStringUTF8((nint)sd_bus_message_get_member(this)) ?? "";

    /// <summary>Whether this is a signal.</summary>
    internal bool IsSignal => Checked.Result(sd_bus_message_is_signal(this, null, null)) > 0;

    /// <summary>Whether the caller is ready to wait while a person is asked for a password.</summary>
    internal bool AllowsQuestions
    {
        get => Checked.Result(sd_bus_message_get_allow_interactive_authorization(this)) > 0;
        set => Checked.Result(sd_bus_message_set_allow_interactive_authorization(this, value ? 1 : 0));
    }

    /// <summary>The unique name of whoever sent it.</summary>
    internal string Sender => Marshal.PtrToStringUTF8((nint)sd_bus_message_get_sender(this)) ?? "";

    /// <summary>The error that this message is; null when it is none.</summary>
    internal CallErrorException? Error
    {
        get
        {
            NativeError* error = sd_bus_message_get_error(this);
            return error == null || error->Name == null ? null : new CallErrorException(error->NameText!, error->MessageText ?? "");
        }
    }

    /// <summary>A message that a callback was handed, to be used only until it returns.</summary>
    internal static Message Borrow(nint message) => new(message, owned: false);

    /// <summary>A message that a callback was handed, kept for later.</summary>
    internal static Message Keep(nint message) => new(sd_bus_message_ref(message), owned: true);

    /// <summary>A message that was handed over to us.</summary>
    internal static Message Take(nint message) => new(message, owned: true);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        sd_bus_message_unref(handle);
        return true;
    }
}
