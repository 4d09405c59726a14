// The documented JavaScript client; the address comes from the environment.
import { require } from '../packages.mjs';

const axios = require('axios');

// Login
const loginResponse = await axios.post(`${process.env.HUB_URL}/api/auth/login`, {
  username: 'admin',
  password: 'password'
});

const token = loginResponse.data.access_token;

// Get chat rooms
const roomsResponse = await axios.get(`${process.env.HUB_URL}/api/chat/rooms`, {
  headers: {
    'Authorization': `Bearer ${token}`
  }
});

export { loginResponse, roomsResponse };
