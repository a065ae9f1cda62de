using System.Globalization;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>
/// Decides whether a caller may make a change: root always may, other callers need polkit's authorization. Anyone may
/// read. The bus's own policy lets every call through.
/// </summary>
internal sealed class Authorization(Polkit polkit)
{
    /// <summary>
    /// Most calls of one user that may wait for polkit, which also serves other services. A user answers one password
    /// prompt at a time.
    /// </summary>
    private const int MaxPending = 32;

    private readonly Dictionary<uint, int> pending = [];

    /// <summary>Completes when the caller is authorized for a polkit action.</summary>
    /// <exception cref="ControlException">The caller is not authorized.</exception>
    /// <exception cref="BusErrorException">Too many calls of the caller's user wait for polkit.</exception>
    internal async Task RequireAsync(BusCall call, string action)
    {
        string remedy = call.IsFromRoot ? "" : await CheckAsync(call, action) switch
        {
            PolkitResult.Authorized => "",
            PolkitResult.NeedsPassword => "use sudo, or let polkit ask for a password (pkttyagent)",
            PolkitResult.Absent => "use sudo",
            _ => $"use sudo, or allow it in polkit's rules ({action})",
        };
        call.IsAuthorized = remedy.Length == 0;
        if (call.IsAuthorized) return;
        string refusal = string.Create(
            CultureInfo.InvariantCulture, $"{call.Member} requires root, but the caller is uid {call.Uid}: {remedy}");
        throw new ControlException(ControlError.AccessDenied, refusal);
    }

    private async Task<PolkitResult> CheckAsync(BusCall call, string action)
    {
        uint uid = call.Uid;
        int count = pending.GetValueOrDefault(uid);
        if (count >= MaxPending)
        {
            string refusal = string.Create(
                CultureInfo.InvariantCulture,
                $"uid {uid} has {count} calls waiting for polkit: answer or cancel those first");
            throw new BusErrorException(BusErrors.LimitsExceeded, refusal);
        }

        pending[uid] = count + 1;
        try
        {
            return await polkit.CheckAsync(call.Caller, action, call.AllowsInteraction);
        }
        finally
        {
            if (pending[uid] == 1) pending.Remove(uid);
            else pending[uid]--;
        }
    }
}

/// <summary>The result of polkit's authorization check.</summary>
internal enum PolkitResult
{
    /// <summary>The caller is authorized.</summary>
    Authorized,

    /// <summary>The caller is not authorized.</summary>
    Denied,

    /// <summary>A password would authorize the caller, which does not allow polkit to ask for it.</summary>
    NeedsPassword,

    /// <summary>polkit does not run.</summary>
    Absent,
}

/// <summary>
/// Checks authorization with polkit. An abandoned check is cancelled, or its password prompt would stay open.
/// </summary>
/// <param name="connection">The bus.</param>
/// <param name="timeout">How long polkit may take when it does not ask for a password.</param>
/// <param name="stopping">Cancels all checks.</param>
internal sealed class Polkit(DBusConnection connection, TimeSpan timeout, CancellationToken stopping)
{
    private const string Service = "org.freedesktop.PolicyKit1", Path = "/org/freedesktop/PolicyKit1/Authority";
    private const string Interface = "org.freedesktop.PolicyKit1.Authority", ReplyType = "(bba{ss})";
    private static readonly TimeSpan PasswordTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Checks whether a caller is authorized for an action.</summary>
    /// <param name="uniqueName">The caller.</param>
    /// <param name="action">An action of the shipped policy file.</param>
    /// <param name="allowInteraction">Whether polkit may ask for a password.</param>
    /// <exception cref="ControlException">
    /// polkit did not reply, or replied with an error or a value of the wrong type: the caller is not authorized.
    /// </exception>
    internal async Task<PolkitResult> CheckAsync(string uniqueName, string action, bool allowInteraction)
    {
        string cancellation = Guid.NewGuid().ToString("N");
        Task<PolkitResult> check = connection.CallMethodAsync(
            CheckCall(uniqueName, action, allowInteraction, cancellation), static (message, _) => Read(message));
        try
        {
            return await check.WaitAsync(allowInteraction ? PasswordTimeout : timeout, stopping);
        }
        catch (DBusErrorReplyException exception) when (IsAbsence(exception.ErrorName))
        {
            return PolkitResult.Absent;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // A late reply is ignored.
            _ = check.ContinueWith(static late => late.Exception, TaskScheduler.Default);
            connection.TrySendMessage(CancelCall(cancellation));
            throw CheckFailed("no reply in time", exception);
        }
        catch (Exception exception) when (exception is DBusErrorReplyException or DBusMessageException)
        {
            throw CheckFailed(exception.Message, exception);
        }
    }

    /// <summary>Whether an error from the bus means that polkit does not run.</summary>
    private static bool IsAbsence(string errorName) =>
        errorName is BusErrors.ServiceUnknown or BusErrors.NameHasNoOwner or BusErrors.ServiceNotFound;

    private static ControlException CheckFailed(string why, Exception exception) => new(
        ControlError.AccessDenied,
        $"polkit did not check the authorization ({why}): try again, or use sudo",
        exception);

    private static PolkitResult Read(Message message)
    {
        if (message.SignatureAsString != ReplyType)
        {
            throw new DBusMessageException($"reply of type '{message.SignatureAsString}' instead of '{ReplyType}'");
        }

        Reader reader = message.GetBodyReader();
        reader.AlignStruct();
        bool isAuthorized = reader.ReadBool(), isChallenge = reader.ReadBool();
        return isAuthorized ? PolkitResult.Authorized : isChallenge ? PolkitResult.NeedsPassword : PolkitResult.Denied;
    }

    private MessageBuffer CheckCall(string uniqueName, string action, bool allowInteraction, string cancellation)
    {
        MessageWriter writer = connection.GetMessageWriter();
        writer.WriteMethodCallHeader(Service, Path, Interface, "CheckAuthorization", "(sa{sv})sa{ss}us");
        writer.WriteStructureStart();
        writer.WriteString("system-bus-name");
        writer.WriteDictionary(new Dictionary<string, VariantValue> { ["name"] = uniqueName });
        writer.WriteString(action);
        writer.WriteDictionaryEnd(writer.WriteDictionaryStart()); // no details for the prompt
        writer.WriteUInt32(allowInteraction ? 1u : 0u);
        writer.WriteString(cancellation);
        MessageBuffer message = writer.CreateMessage();
        writer.Dispose();
        return message;
    }

    private MessageBuffer CancelCall(string cancellation)
    {
        MessageWriter writer = connection.GetMessageWriter();
        writer.WriteMethodCallHeader(
            Service, Path, Interface, "CancelCheckAuthorization", "s", MessageFlags.NoReplyExpected);
        writer.WriteString(cancellation);
        MessageBuffer message = writer.CreateMessage();
        writer.Dispose();
        return message;
    }
}
