// The documented Socket.IO client; address (with the token in its query), room and type of user come from the
// environment.
import { require } from '../packages.mjs';

const { io } = require('socket.io-client');

const socket = io(process.env.HUB_URL);

socket.emit('join_room', {
  room: process.env.HUB_ROOM,
  user: 'user_name',
  user_type: process.env.HUB_USER_TYPE
});

socket.emit('send_message', {
  room: process.env.HUB_ROOM,
  message: 'message_content',
  user_type: process.env.HUB_USER_TYPE,
  timestamp: new Date()
});

socket.on('new_message', (data) => {
  console.log('New message:', data);
  // data: { message, user_type, timestamp }
});

socket.on('ai_analysis', (data) => {
  console.log('AI Analysis:', data);
  // data: { room, message, intent, suggestion }
});

export { socket };
