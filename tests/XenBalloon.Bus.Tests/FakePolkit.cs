using System.Collections.Concurrent;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Connections;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>
/// A test double of polkit on a private bus. It implements <c>CheckAuthorization((sa{sv}) subject, s action,
/// a{ss} details, u flags, s cancellation) → (bba{ss})</c> and replies as configured.
/// </summary>
internal sealed class FakePolkit : IPathMethodHandler, IDisposable
{
    private readonly DBusConnection connection;
    private readonly ConcurrentQueue<MethodContext> pending = [];

    /// <summary>Takes polkit's bus name.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="reply">How it replies.</param>
    internal FakePolkit(PrivateBus bus, PolkitReply reply = PolkitReply.Yes)
    {
        Reply = reply;
        connection = new DBusConnection(new LocalBus(bus.Address));
        connection.ConnectAsync().AsTask().GetAwaiter().GetResult();
        connection.AddMethodHandler(this);
        connection.RequestNameAsync("org.freedesktop.PolicyKit1", RequestNameOptions.None).GetAwaiter().GetResult();
    }

    string IPathMethodHandler.Path => "/org/freedesktop/PolicyKit1/Authority";

    bool IPathMethodHandler.HandlesChildPaths => false;

    /// <summary>How it replies to the next check.</summary>
    internal PolkitReply Reply { get; set; }

    /// <summary>The checks, in order.</summary>
    internal ConcurrentQueue<PolkitCheck> Checks { get; } = [];

    /// <summary>The ids of cancelled checks.</summary>
    internal ConcurrentQueue<string> Cancelled { get; } = [];

    /// <summary>Replies to all pending checks.</summary>
    internal void ReplyToAll(PolkitReply reply)
    {
        while (pending.TryDequeue(out MethodContext? context))
        {
            using (context) Send(context, reply);
        }
    }

    /// <summary>Leaves the bus without replying to pending checks.</summary>
    public void Dispose() => connection.Dispose();

    ValueTask IPathMethodHandler.HandleMethodAsync(MethodContext context)
    {
        Reader reader = context.Request.GetBodyReader();
        switch (context.Request.MemberAsString, context.Request.SignatureAsString)
        {
            case ("CheckAuthorization", "(sa{sv})sa{ss}us"):
                reader.AlignStruct();
                string kind = reader.ReadString();
                string subject = reader.ReadDictionaryOfStringToVariantValue()["name"].GetString();
                string action = reader.ReadString();
                ArrayEnd details = reader.ReadDictionaryStart();
                if (reader.HasNext(details)) throw new NotSupportedException("details");
                uint flags = reader.ReadUInt32();
                Checks.Enqueue(new PolkitCheck(kind, subject, action, flags == 1, reader.ReadString()));
                if (Reply != PolkitReply.Pending)
                {
                    Send(context, Reply);
                    break;
                }

                context.DisposesAsynchronously = true;
                pending.Enqueue(context);
                break;
            case ("CancelCheckAuthorization", "s"):
                Cancelled.Enqueue(reader.ReadString());
                break;
        }

        return default;
    }

    private static void Send(MethodContext context, PolkitReply reply)
    {
        if (reply == PolkitReply.Error)
        {
            context.ReplyError("org.freedesktop.PolicyKit1.Error.Failed", "the rules cannot be read");
            return;
        }

        MessageWriter writer = context.CreateReplyWriter(reply switch
        {
            PolkitReply.WrongType => "s",
            PolkitReply.Truncated => "b",
            _ => "(bba{ss})",
        });
        switch (reply)
        {
            case PolkitReply.WrongType:
                writer.WriteString("yes");
                break;
            case PolkitReply.Truncated:
                writer.WriteBool(true);
                break;
            default:
                writer.WriteStructureStart();
                writer.WriteBool(reply == PolkitReply.Yes);
                writer.WriteBool(reply == PolkitReply.Challenge);
                writer.WriteDictionaryEnd(writer.WriteDictionaryStart());
                break;
        }

        context.Reply(writer.CreateMessage());
        writer.Dispose();
    }
}

/// <summary>How the test double of polkit replies to a check.</summary>
internal enum PolkitReply
{
    /// <summary>The caller is authorized.</summary>
    Yes,

    /// <summary>The caller is not authorized.</summary>
    No,

    /// <summary>A password would authorize the caller.</summary>
    Challenge,

    /// <summary>No reply until <see cref="FakePolkit.ReplyToAll"/>.</summary>
    Pending,

    /// <summary>An error of polkit's own.</summary>
    Error,

    /// <summary>A value of the wrong type.</summary>
    WrongType,

    /// <summary>The first field only.</summary>
    Truncated,
}

/// <summary>A call of CheckAuthorization.</summary>
/// <param name="Kind">The kind of the subject.</param>
/// <param name="Subject">The caller's unique name.</param>
/// <param name="Action">The action.</param>
/// <param name="AllowInteraction">Whether polkit may ask for a password.</param>
/// <param name="Cancellation">The id that cancels the check.</param>
internal sealed record PolkitCheck(
    string Kind, string Subject, string Action, bool AllowInteraction, string Cancellation);
